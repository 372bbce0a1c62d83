import { Then, When } from '@cucumber/cucumber'
import { tenantFor } from '../support/drivers/mimir.ts'
import { Undetermined, Unmet } from '../support/errors.ts'
import { type Moment, now } from '../support/eventually.ts'
import { tellsPosition } from '../support/expectations/answers.ts'
import { exactlyTheseSeries, noSeries } from '../support/expectations/series.ts'
import { newMetricName } from '../support/metrics/probe-series.ts'
import type { Series } from '../support/metrics/series.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { mimirSystem, storeOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { acknowledgedWrites, writesOf } from './series.ts'
import { type AcknowledgedWrite, samplesOf, selectorOf, windowOf } from './writes.ts'

/** So many steps of a range are asked for: Prometheus itself answers at most 11,000. */
const stepsOfRange = 1_000

interface Query {
  since?: Moment
  /** What is asked for where it is not the scenario's own samples. */
  expression?: string
  /** Milliseconds, of a range. */
  rangeMs?: number
}

const queryOf = scenarioState<AcceptanceWorld, Query>(() => ({}))

When('they are queried with PromQL', function (this: AcceptanceWorld) {
  queryOf(this).since = now()
})

When('all of the metrics are queried with PromQL at once', function (this: AcceptanceWorld) {
  queryOf(this).since = now()
})

When('they are queried with PromQL over the last {duration}', function (this: AcceptanceWorld, rangeMs: number) {
  Object.assign(queryOf(this), { since: now(), rangeMs })
})

When('a metric is queried that was never written', function (this: AcceptanceWorld) {
  Object.assign(queryOf(this), { since: now(), expression: newMetricName() })
})

When('the expression {string} is queried', function (this: AcceptanceWorld, expression: string) {
  Object.assign(queryOf(this), { since: now(), expression })
})

/** Awaits that each metric is answered with exactly what was written of it; the queries run side by side. */
async function answered(world: AcceptanceWorld, deadlineMs?: number): Promise<void> {
  await world.eventuallyAll(
    { deadlineMs, since: queryOf(world).since, after: 'the query' },
    acknowledgedWrites(world).map(written => ({
      ask: samplesOf(world.run, written),
      expect: exactlyTheseSeries(written.series),
    })),
  )
}

Then('Mimir answers with exactly these samples', async function (this: AcceptanceWorld) {
  await answered(this)
})

Then(
  'Mimir answers with exactly these samples within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answered(this, deadlineMs)
  },
)

Then(
  'each of the answers of Mimir comes within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answered(this, deadlineMs)
  },
)

Then('each of the answers holds exactly the series that were asked for', async function (this: AcceptanceWorld) {
  await answered(this)
})

Then("PromQL's count and sum of them are those of what was sent", async function (this: AcceptanceWorld) {
  const [written] = acknowledgedWrites(this)
  const { endMs, windowMs } = windowOf(written.series)
  const store = storeOf(this.run, written.tenant)
  const range = `${selectorOf(written.series)}[${windowMs}ms]`
  const values = written.series.flatMap(({ samples }) => samples.map(({ value }) => value))
  const figures = [
    { expression: `sum(count_over_time(${range}))`, expected: values.length },
    { expression: `sum(sum_over_time(${range}))`, expected: values.reduce((sum, value) => sum + value, 0) },
  ]
  await this.eventuallyAll(
    { since: queryOf(this).since, after: 'the query' },
    figures.map(({ expression, expected }) => ({
      ask: (signal: AbortSignal) => store.instant(expression, endMs, signal),
      expect: (found: Series[]) => oneValue(expression, expected, found),
    })),
  )
})

/** Sums may be added up in another order than here. */
const sumTolerance = 1e-12

function oneValue(expression: string, expected: number, found: readonly Series[]): void {
  const [only, ...others] = found
  const value = only?.samples[0]?.value
  if (value === undefined || others.length > 0) throw new Unmet(`${expression} has ${found.length} results, not 1`)
  if (Math.abs(value - expected) > Math.abs(expected) * sumTolerance)
    throw new Unmet(`${expression} is ${value}, expected ${expected}`)
}

/** Awaits a value at every step of the range for which a sample was written, and at no other. */
async function answeredOverRange(world: AcceptanceWorld, deadlineMs?: number): Promise<void> {
  const { since, rangeMs } = queryOf(world)
  const [written] = acknowledgedWrites(world)
  if (rangeMs === undefined) throw new Undetermined('the scenario queries no range', 'harness')
  const store = storeOf(world.run, written.tenant)
  // Every step looks back to the one before, so that no sample falls between two of them.
  const stepMs = Math.ceil(rangeMs / stepsOfRange)
  const { endMs } = windowOf(written.series)
  const question = {
    query: `last_over_time(${selectorOf(written.series)}[${stepMs}ms])`,
    startMs: endMs - rangeMs,
    endMs,
    stepMs,
  }
  await world.eventually(
    { deadlineMs, since, after: 'the query' },
    { ask: signal => store.range(question, signal), expect: exactlyTheseSeries(atSteps(written, question)) },
  )
}

/** The last sample in each step's look back, at the time of the step. `last_over_time` keeps the name of a metric. */
function atSteps(
  { series }: AcknowledgedWrite,
  { endMs, stepMs }: { readonly endMs: number; readonly stepMs: number },
): Series[] {
  return series.map(({ labels, samples }) => {
    const last = new Map<number, number>()
    for (const { timestampMs, value } of samples) {
      last.set(endMs - Math.floor((endMs - timestampMs) / stepMs) * stepMs, value)
    }
    return { labels, samples: [...last].map(([timestampMs, value]) => ({ timestampMs, value })) }
  })
}

Then(
  'Mimir answers with their value at every step within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answeredOverRange(this, deadlineMs)
  },
)

Then('Mimir answers with their value at every step', async function (this: AcceptanceWorld) {
  await answeredOverRange(this)
})

/** What the queried expression brings, or the selector of the scenario's own samples; the first answer is judged. */
async function answeredOnce(
  world: AcceptanceWorld,
  deadlineMs: number | undefined,
  expect: (answer: { status: number; series: Series[] | undefined; error: string }) => void,
): Promise<void> {
  const { since, expression } = queryOf(world)
  const [written] = writesOf(world).writes
  const tenant = tenantFor(mimirSystem(world.run), world.probe)
  const query = expression ?? (written === undefined ? undefined : selectorOf(written.series))
  if (query === undefined) throw new Undetermined('the scenario queries nothing', 'harness')
  const timeMs = written === undefined ? Date.now() : windowOf(written.series).endMs
  const ask = (signal: AbortSignal) => storeOf(world.run, tenant).instantResponse(query, timeMs, signal)
  await world.eventually({ deadlineMs, since, after: 'the query', again: 'transient' }, { ask, expect })
}

Then('Mimir answers the query with status {int}', async function (this: AcceptanceWorld, status: number) {
  await answeredOnce(this, undefined, answer => {
    if (answer.status !== status) throw new Unmet(`status ${answer.status} (${answer.error}), not ${status}`)
    if ((answer.series ?? []).length === 0) throw new Unmet(`status ${answer.status}, but nothing was found`)
  })
})

Then('Mimir answers with status 200 and an empty result', async function (this: AcceptanceWorld) {
  await answeredOnce(this, undefined, ({ status, series, error }) => {
    if (status !== 200 || series === undefined) throw new Unmet(`status ${status} (${error}), not 200`)
    noSeries(series)
  })
})

Then(
  'Mimir answers within {duration} that there is nothing',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answeredOnce(this, deadlineMs, ({ status, series, error }) => {
      if (series === undefined) throw new Unmet(`status ${status}: ${error}`)
      noSeries(series)
    })
  },
)

Then('Mimir answers with status 400 and the position of the fault', async function (this: AcceptanceWorld) {
  await answeredOnce(this, undefined, tellsPosition)
})
