import { Given, Then, When } from '@cucumber/cucumber'
import type { RemoteWriteCounts } from '../support/drivers/prometheus.ts'
import { sumOf } from '../support/drivers/prometheus-text.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import { elapse, type Moment, now } from '../support/eventually.ts'
import { grewBy } from '../support/expectations/metrics.ts'
import { fewerThan, unchangedFrom, youngerThan } from '../support/expectations/scraped.ts'
import { isReady, replacedAndReady } from '../support/expectations/workloads.ts'
import { withManyLabels } from '../support/metrics/exposition.ts'
import { learn, prepare } from '../support/prepare.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { prometheusOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { mimirConfiguration } from './configurations.ts'
import { expose, exposed, ownLabels, ownSamplesInMimir, resumedMs, sameInBoth, untilScraped } from './scraping.ts'

/** How long something is watched that must not happen. */
const watchMs = 5_000
/** Scrapes go on for so long after a disruption, before what they brought is compared. */
const settledMs = 3_000

/** Tried once and taken. */
const sent = ({ tried, failed, dropped, retried }: RemoteWriteCounts) => tried - failed - dropped - retried

export async function countsNow({ run }: AcceptanceWorld): Promise<RemoteWriteCounts> {
  return await learn(run, "Prometheus' counts of what it wrote", signal => prometheusOf(run).remoteWriteCounts(signal))
}

/** One of the counts, or what follows from them, as a question. */
function asking(world: AcceptanceWorld, of: (counts: RemoteWriteCounts) => number | undefined) {
  return async (signal: AbortSignal) => {
    const answer = await prometheusOf(world.run).remoteWriteCounts(signal)
    return { ...answer, value: of(answer.value) }
  }
}

/** Watches one of the counts while samples are sent: a queue in which nothing comes and goes proves nothing. */
async function watch(
  world: AcceptanceWorld,
  of: (counts: RemoteWriteCounts) => number | undefined,
  expectation: (before: RemoteWriteCounts) => (value: number | undefined) => void,
): Promise<void> {
  const before = await countsNow(world)
  const control = async () => {
    const isSending = { ask: asking(world, sent), expect: grewBy(sent(before), 1) }
    await prepare(world.run, 'Prometheus writes nothing', isSending)
  }
  await world.throughout(watchMs, control, { ask: asking(world, of), expect: expectation(before) })
}

Then('fewer than {int} samples are pending while it is watched', async function (this: AcceptanceWorld, bound: number) {
  // What piled up before, while Mimir was away, is none of it; but it must come to an end.
  const few = { ask: asking(this, ({ pending }) => pending), expect: fewerThan(bound) }
  await this.eventually({ after: 'the first look' }, few)
  await watch(
    this,
    ({ pending }) => pending,
    () => fewerThan(bound),
  )
})

Then('no sample failed while others were sent', async function (this: AcceptanceWorld) {
  await watchUnharmed(this, ({ failed }) => failed)
})

Then('no sample failed or was dropped while others were sent', async function (this: AcceptanceWorld) {
  await watchUnharmed(this, ({ failed, dropped }) => failed + dropped)
})

async function watchUnharmed(world: AcceptanceWorld, harm: (counts: RemoteWriteCounts) => number): Promise<void> {
  await watch(world, harm, before => unchangedFrom(harm(before)))
}

Then('the count of samples sent with success keeps rising', async function (this: AcceptanceWorld) {
  for (let time = 0; time < 3; time += 1) {
    const before = await countsNow(this)
    await this.eventually({ after: 'the count before' }, { ask: asking(this, sent), expect: grewBy(sent(before), 1) })
  }
})

const failingOf = scenarioState<AcceptanceWorld, { before?: RemoteWriteCounts }>(() => ({}))

Given('a target with a series that Mimir refuses', async function (this: AcceptanceWorld) {
  const { mostLabels } = await mimirConfiguration(this.run)
  failingOf(this).before = await countsNow(this)
  await expose(this, withManyLabels(ownLabels(this), mostLabels + 1))
})

Then('Prometheus counts the samples that it failed to send', async function (this: AcceptanceWorld) {
  const { before } = failingOf(this)
  if (before === undefined) throw new Undetermined('the scenario has made nothing fail', 'harness')
  await this.eventually(
    { after: 'the scrape' },
    { ask: asking(this, ({ failed }) => failed), expect: grewBy(before.failed, 1) },
  )
})

// ---- Restarts

const restartOf = scenarioState<AcceptanceWorld, { ready?: Moment; begun?: Moment }>(() => ({}))

When('Prometheus has been restarted, and is ready again', async function (this: AcceptanceWorld) {
  restartOf(this).ready = await restart(this.run, 'prometheus')
})

Then(
  'Mimir answers within {duration} with samples that were scraped since',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { ready } = restartOf(this)
    if (ready === undefined) throw new Undetermined('nothing was restarted', 'harness')
    await this.eventually(
      { deadlineMs, since: ready, after: 'the return of Prometheus' },
      { ask: ownSamplesInMimir(this), expect: youngerThan(ready.wallTime.getTime()) },
    )
  },
)

When('Mimir has been restarted while Prometheus wrote to it', async function (this: AcceptanceWorld) {
  restartOf(this).begun = await untilScraped(this.run, exposed(this))
  await elapse(settledMs, this.run.signal)
  await restart(this.run, 'mimir')
  await elapse(settledMs, this.run.signal)
})

Then('Mimir holds every sample that Prometheus scraped, and no other', async function (this: AcceptanceWorld) {
  const { begun } = restartOf(this)
  if (begun === undefined) throw new Undetermined('nothing was restarted', 'harness')
  await sameInBoth(this, begun.wallTime)
})

/** Restarts a workload; returns when its next instance was ready. */
async function restart(run: Run, name: 'prometheus' | 'mimir'): Promise<Moment> {
  const workload = workloadOf(run, name)
  const { value: before } = await prepare(run, `${name} is not ready`, {
    ask: signal => workload.status(signal),
    expect: isReady,
  })
  await workload.terminate(run.signal)
  await prepare(run, `${name} does not come back from its restart`, {
    ask: signal => workload.status(signal),
    expect: replacedAndReady(before),
  })
  return now()
}

// ---- Reload

/** Of Prometheus' own metrics. */
async function ofReload(run: Run, signal: AbortSignal) {
  const answer = await prometheusOf(run).metrics(signal)
  const [reloadedAt, isSuccessful, startedAt] = [
    'prometheus_config_last_reload_success_timestamp_seconds',
    'prometheus_config_last_reload_successful',
    'process_start_time_seconds',
  ].map(name => sumOf(answer.value, name))
  return { ...answer, value: { reloadedAt, isSuccessful, startedAt } }
}

const reloadOf = scenarioState<AcceptanceWorld, { before?: Awaited<ReturnType<typeof ofReload>>['value'] }>(() => ({}))

When('Prometheus is told to reload its configuration', async function (this: AcceptanceWorld) {
  const { run } = this
  reloadOf(this).before = await learn(run, "Prometheus' last reload", signal => ofReload(run, signal))
  // Times of reloads are told in whole seconds.
  await elapse(1_100, run.signal)
  const { value: status } = await prepare(run, 'Prometheus cannot be told to reload', {
    ask: signal => prometheusOf(run).reload(signal),
    expect: () => undefined,
  })
  if (status === 403 || status === 405)
    throw new NotApplicable('Prometheus takes no request to reload (--web.enable-lifecycle)')
  if (status !== 200) throw new Undetermined(`Prometheus answered the request to reload with ${status}`, 'environment')
})

Then('it has read its configuration with success, and was not started again', async function (this: AcceptanceWorld) {
  const { before } = reloadOf(this)
  if (before === undefined) throw new Undetermined('nothing was reloaded', 'harness')
  await this.eventually(
    { after: 'the reload' },
    {
      ask: signal => ofReload(this.run, signal),
      expect: ({ reloadedAt = 0, isSuccessful, startedAt }) => {
        if (isSuccessful !== 1) throw new Unmet('its last reload was no success')
        if (!(reloadedAt > (before.reloadedAt ?? 0))) throw new Unmet('its configuration was not read again')
        if (startedAt === undefined || startedAt !== before.startedAt)
          throw new Unmet(`it was started at ${startedAt}, not at ${before.startedAt}`)
      },
    },
  )
})

Then('it goes on to scrape the target and to write to Mimir', async function (this: AcceptanceWorld) {
  const since = Date.now()
  const expect = youngerThan(since)
  await this.eventually({ after: 'the disturbance', patienceMs: resumedMs }, { ask: ownSamplesInMimir(this), expect })
})
