import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { mimirPlace, tenantFor } from '../support/drivers/mimir.ts'
import type { MimirConfiguration } from '../support/drivers/mimir-configuration.ts'
import { compressed, encodeWriteRequest } from '../support/drivers/remote-write.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
import { namesCause, refusedWithCause, statusIs } from '../support/expectations/answers.ts'
import { exactlyTheseSeries, noSeries } from '../support/expectations/series.ts'
import { probeSeries } from '../support/metrics/probe-series.ts'
import type { Series } from '../support/metrics/series.ts'
import { learnOf, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { mimirSystem, storeOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { mimirConfiguration } from './configurations.ts'
import { answerOf, type RawWrite, sendBytes } from './raw-writes.ts'
import { acknowledged, judgedSent } from './sent.ts'
import { acknowledgedWrites } from './series.ts'
import { samplesOf, selectorOf, windowOf, write } from './writes.ts'

const hourMs = 3_600_000
/** How long another tenant is watched for what it must not see. */
const absenceWindowMs = 2_000

/** What Mimir cannot take: the bytes, and the words of which one must be in the reason. */
interface BadRequest {
  body(world: AcceptanceWorld, configuration: MimirConfiguration): Promise<Uint8Array>
  readonly cause: RegExp
}

const oneOf = (world: AcceptanceWorld, options: { lastMs?: number } = {}): Series => {
  const [series] = probeSeries({ ...world.probe, ...options })
  if (series === undefined) throw new RangeError('a probe has a series')
  return series
}
const encoded = async (...series: Series[]) => await compressed(encodeWriteRequest(series))

const badRequests = {
  'a body that snappy cannot read': {
    body: async () => new TextEncoder().encode('this is not compressed'),
    cause: /snappy|compress|decod/i,
  },
  'a body that is no write request': {
    // Field 1 (timeseries) says that it is 5 bytes long, and the message ends.
    body: async () => await compressed(new Uint8Array([0x0a, 0x05, 0xff])),
    cause: /unmarshal|proto|unexpected EOF|wire|decod/i,
  },
  'a series without a name': {
    body: async world => {
      const { labels, samples } = oneOf(world)
      const { __name__: _, ...rest } = labels
      return await encoded({ labels: rest, samples })
    },
    cause: /name/i,
  },
  'a series with too many labels': {
    body: async (world, { mostLabels }) => {
      const { labels, samples } = oneOf(world)
      const more = Array.from({ length: mostLabels + 1 }, (_, index) => [`label_${index}`, 'too many'])
      return await encoded({ labels: { ...labels, ...Object.fromEntries(more) }, samples })
    },
    cause: /label/i,
  },
  'a sample from the far future': {
    body: async (world, { creationGraceMs }) =>
      await encoded(oneOf(world, { lastMs: Date.now() + creationGraceMs + hourMs })),
    cause: /future|too new/i,
  },
  'a sample that is too old': {
    body: async (world, { outOfOrderWindowMs, blockRangeMs }) => {
      // Old is what lies behind other samples of the same store.
      const newer = await write(world.run, world.probe, [oneOf(world)])
      acknowledged(newer)
      return await encoded(oneOf(world, { lastMs: Date.now() - outOfOrderWindowMs - blockRangeMs - hourMs }))
    },
    cause: /old|past|order/i,
  },
} as const satisfies Record<string, BadRequest>

defineParameterType({
  name: 'badRequest',
  regexp: new RegExp(Object.keys(badRequests).join('|')),
  transformer: (name: string): BadRequest => badRequests[name as keyof typeof badRequests],
})

const refusedOf = scenarioState<
  AcceptanceWorld,
  { refused?: RawWrite; cause?: RegExp; good?: Series[]; tenant?: string }
>(() => ({}))

/** Sends bytes once; without a tenant, no request says whose they are. */
async function sendRaw({ run }: AcceptanceWorld, body: Uint8Array, tenant: string | undefined): Promise<RawWrite> {
  return await sendBytes(run, mimirPlace(mimirSystem(run), tenant), body)
}

/** Sends bytes that Mimir must refuse, with a text in which the cause is named. */
export async function sendBad(world: AcceptanceWorld, body: Uint8Array, cause: RegExp): Promise<void> {
  const tenant = tenantFor(mimirSystem(world.run), world.probe)
  Object.assign(refusedOf(world), { refused: await sendRaw(world, body, tenant), cause })
}

When('{badRequest} is sent by remote write', async function (this: AcceptanceWorld, bad: BadRequest) {
  await sendBad(this, await bad.body(this, await mimirConfiguration(this.run)), bad.cause)
})

When('a request is sent of which one series is good and another has no name', async function (this: AcceptanceWorld) {
  const good = probeSeries({ ...this.probe, samples: 3 })
  const { labels, samples } = oneOf(this)
  const { __name__: _, ...nameless } = labels
  const tenant = tenantFor(mimirSystem(this.run), this.probe)
  const refused = await sendRaw(this, await encoded(...good, { labels: nameless, samples }), tenant)
  Object.assign(refusedOf(this), { refused, cause: /name/i, good, tenant })
})

Then('Mimir refuses it with an error that describes the cause', async function (this: AcceptanceWorld) {
  const { refused, cause } = refusedOf(this)
  if (refused === undefined || cause === undefined)
    throw new Undetermined('the scenario has sent nothing bad', 'harness')
  const check = () => {
    const answer = answerOf(refused)
    refusedWithCause(answer)
    namesCause(cause)(answer)
  }
  await this.judge({ after: 'the write' }, [{ request: refused.request, timeToTrueMs: refused.elapsedMs, check }])
})

Then('Mimir accepts the next good samples', async function (this: AcceptanceWorld) {
  await this.judge({ after: 'the write' }, [judgedSent(await write(this.run, this.probe, [oneOf(this)]))])
})

Then('queries return the good series, and no other', async function (this: AcceptanceWorld) {
  const { good, tenant } = refusedOf(this)
  if (good === undefined || tenant === undefined)
    throw new Undetermined('the scenario has sent nothing good', 'harness')
  const store = storeOf(this.run, tenant)
  const own = `{acceptance_scenario=${JSON.stringify(this.probe.scenario)}}`
  await this.eventually(
    { after: 'the write' },
    { ask: signal => store.samples(own, windowOf(good), signal), expect: exactlyTheseSeries(good) },
  )
})

// ---- Tenants

/** @throws NotApplicable where Mimir knows one tenant only, or a gateway names it */
async function assertTenants(world: AcceptanceWorld): Promise<void> {
  if (!mimirSystem(world.run).multiTenant)
    throw new NotApplicable('the target names no tenants of its Mimir (multiTenant)')
  const { multitenancy } = await mimirConfiguration(world.run)
  if (!multitenancy) throw new NotApplicable('Mimir runs without multi-tenancy (multitenancy_enabled: false)')
}

When('samples are sent that name no tenant', async function (this: AcceptanceWorld) {
  await assertTenants(this)
  refusedOf(this).refused = await sendRaw(this, await encoded(oneOf(this)), undefined)
})

When('a query is sent that names no tenant', async function (this: AcceptanceWorld) {
  await assertTenants(this)
  const store = storeOf(this.run, undefined)
  const ask = (signal: AbortSignal) => store.instantResponse('up', Date.now(), signal, [401])
  const { request, elapsedMs, value } = await learnOf(this.run, 'what Mimir says to a query without a tenant', ask)
  const answer = { request, elapsedMs, status: value.status, message: value.error }
  refusedOf(this).refused = { request, elapsedMs, answer }
})

Then('Mimir refuses it with status {int} and a reason', async function (this: AcceptanceWorld, status: number) {
  const { refused } = refusedOf(this)
  if (refused === undefined) throw new Undetermined('the scenario has sent nothing to be refused', 'harness')
  const check = () => {
    const answer = answerOf(refused)
    statusIs(status)(answer)
    refusedWithCause(answer)
  }
  await this.judge({ after: 'the request' }, [{ request: refused.request, timeToTrueMs: refused.elapsedMs, check }])
})

Given('another tenant', async function (this: AcceptanceWorld) {
  await assertTenants(this)
  refusedOf(this).tenant = tenantFor(mimirSystem(this.run), { ...this.probe, scenario: `${this.probe.scenario}-other` })
})

Then('Mimir answers the other tenant with nothing of them', async function (this: AcceptanceWorld) {
  const { tenant } = refusedOf(this)
  if (tenant === undefined) throw new Undetermined('the scenario has no other tenant', 'harness')
  const [written] = acknowledgedWrites(this)
  const owner = { ask: samplesOf(this.run, written), expect: exactlyTheseSeries(written.series) }
  const control = async () => {
    await prepare(this.run, 'Mimir does not answer their owner', owner)
  }
  const other = storeOf(this.run, tenant)
  await this.throughout(absenceWindowMs, control, {
    ask: signal => other.samples(selectorOf(written.series), windowOf(written.series), signal),
    expect: noSeries,
  })
})
