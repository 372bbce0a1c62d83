import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { tenantFor } from '../support/drivers/mimir.ts'
import { sumOf } from '../support/drivers/prometheus-text.ts'
import type { Writer } from '../support/drivers/remote-write.ts'
import { Undetermined, Unmet } from '../support/errors.ts'
import { now } from '../support/eventually.ts'
import { grewBy } from '../support/expectations/metrics.ts'
import { noIngestionErrors } from '../support/expectations/mimir-log.ts'
import { exactlyTheseSeries } from '../support/expectations/series.ts'
import { everyKindOfNumber, probeSeries } from '../support/metrics/probe-series.ts'
import type { Series } from '../support/metrics/series.ts'
import { learn, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { mimirOf, mimirSystem, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { allAcknowledged, judgedSent } from './sent.ts'
import { type AcknowledgedWrite, samplesOf, type Write, write } from './writes.ts'

const receivedSamples = 'cortex_distributor_received_samples_total'

/** The writes of a scenario, in the order in which they were made. */
export const writesOf = scenarioState<AcceptanceWorld, { writes: Write[] }>(() => ({ writes: [] }))

/** The acknowledged writes of a scenario. @throws Undetermined where it has none, or one was not acknowledged */
export function acknowledgedWrites(world: AcceptanceWorld): [AcknowledgedWrite, ...AcknowledgedWrite[]] {
  return allAcknowledged(writesOf(world).writes, 'samples')
}

defineParameterType({
  name: 'writer',
  regexp: /remote write|the package prometheus-remote-write/,
  transformer: (name: string): Writer => (name === 'remote write' ? name : 'prometheus-remote-write'),
})

/** Writes series once, as what the scenario has written. */
export async function send(world: AcceptanceWorld, series: readonly Series[], writer?: Writer): Promise<void> {
  writesOf(world).writes.push(await write(world.run, world.probe, series, writer))
}

When(
  '{int} series of {int} samples are sent by {writer}',
  async function (this: AcceptanceWorld, series: number, samples: number, writer: Writer) {
    await send(this, probeSeries({ ...this.probe, series, samples }), writer)
  },
)

Given(
  '{int} acknowledged series of {int} samples',
  async function (this: AcceptanceWorld, series: number, samples: number) {
    await send(this, probeSeries({ ...this.probe, series, samples }))
    acknowledgedWrites(this)
  },
)

Given(
  '{int} acknowledged series of {int} samples that Mimir can find',
  async function (this: AcceptanceWorld, series: number, samples: number) {
    await send(this, probeSeries({ ...this.probe, series, samples }))
    await awaitFindable(this)
  },
)

Given(
  '{int} acknowledged metrics of {int} series that Mimir can find',
  async function (this: AcceptanceWorld, metrics: number, series: number) {
    for (let count = 0; count < metrics; count += 1)
      await send(this, probeSeries({ ...this.probe, series, samples: 3 }))
    await awaitFindable(this)
  },
)

Given('acknowledged samples of every kind of number', async function (this: AcceptanceWorld) {
  await send(this, everyKindOfNumber(this.probe))
  acknowledgedWrites(this)
})

/** Waits until everything that was acknowledged is answered. */
async function awaitFindable(world: AcceptanceWorld): Promise<void> {
  for (const written of acknowledgedWrites(world)) {
    const question = { ask: samplesOf(world.run, written), expect: exactlyTheseSeries(written.series) }
    await prepare(world.run, 'Mimir does not answer for acknowledged samples', question, {
      since: written.acknowledgedAt,
    })
  }
}

Then('Mimir acknowledges them within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  await this.judge({ deadlineMs, after: 'the write' }, writesOf(this).writes.map(judgedSent))
})

Then('Mimir acknowledges them with status {int}', async function (this: AcceptanceWorld, status: number) {
  const recorded = writesOf(this).writes.map(written => {
    const { request } = written
    const { timeToTrueMs = 0, check } = judgedSent(written)
    return {
      request,
      timeToTrueMs,
      check: () => {
        check()
        if (!request.includes(`, answered ${status}`)) throw new Unmet(`${request}, not ${status}`)
      },
    }
  })
  await this.judge({ after: 'the write' }, recorded)
})

Then('queries return all of them within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  const written = acknowledgedWrites(this)
  await this.eventuallyAll(
    { deadlineMs, since: written[0].acknowledgedAt, after: 'the acknowledgement' },
    written.map(each => ({ ask: samplesOf(this.run, each), expect: exactlyTheseSeries(each.series) })),
  )
})

const countOf = scenarioState<AcceptanceWorld, { before?: number | undefined; since?: Date }>(() => ({}))

/** Of the scenario's own tenant, where it has one: others write at the same time. */
async function received({ run, probe }: AcceptanceWorld, signal: AbortSignal) {
  const tenant = tenantFor(mimirSystem(run), probe)
  const answer = await mimirOf(run).metrics(signal)
  return { ...answer, value: sumOf(answer.value, receivedSamples, { user: tenant }) }
}

Given("Mimir's count of received samples is known", async function (this: AcceptanceWorld) {
  const before = await learn(this.run, "Mimir's count of received samples", signal => received(this, signal))
  Object.assign(countOf(this), { before, since: now().wallTime })
})

Then("Mimir's count of received samples rises by every one of them", async function (this: AcceptanceWorld) {
  const samples = acknowledgedWrites(this)
    .flatMap(({ series }) => series)
    .reduce((sum, series) => sum + series.samples.length, 0)
  await this.eventually(
    { after: 'the acknowledgement' },
    { ask: signal => received(this, signal), expect: grewBy(countOf(this).before, samples) },
  )
})

Then("Mimir's log since then holds no error of ingestion", async function (this: AcceptanceWorld) {
  const { since } = countOf(this)
  if (since === undefined) throw new Undetermined('the scenario has no beginning to read the log from', 'harness')
  const workload = workloadOf(this.run, 'mimir')
  // The log may be quiet for a moment; what was said in the minute before proves that it can be read.
  const from = new Date(since.getTime() - 60_000)
  await this.eventually(
    { after: 'the acknowledgement', again: 'transient' },
    { ask: signal => workload.log(from, signal), expect: noIngestionErrors(acknowledgedWrites(this)[0].tenant) },
  )
})
