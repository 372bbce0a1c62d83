import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { describeDiscovery, discoveryOf, exposeTo } from '../support/drivers/discovery.ts'
import type { ScrapeTarget } from '../support/drivers/scrape-target.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import type { Moment } from '../support/eventually.ts'
import { scrapedAll } from '../support/expectations/scraped.ts'
import { exactlyTheseSeries } from '../support/expectations/series.ts'
import {
  contentTypes,
  type ExposedSeries,
  type ExpositionFormat,
  everyType,
  exposedSeries,
  type Family,
  render,
} from '../support/metrics/exposition.ts'
import type { Series } from '../support/metrics/series.ts'
import { prepare } from '../support/prepare.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { prometheusStoreOf, prometheusSystem, storeOf } from '../support/systems.ts'
import { crossOut, recordChange } from '../support/undo/journal.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { prometheusConfiguration } from './configurations.ts'

/** The job of the scrape configuration that reads the folder of targets. */
const job = 'acceptance'
/** Prometheus sees a new file at once, or after its refresh_interval of 5 minutes; then comes its scrape_interval. */
const longestUntilScrapedMs = 8 * 60_000
const longestQueriedMs = 60_000
/**
 * How long Prometheus may take to write again after Mimir was away. While it starts, Mimir has senders wait for up to 96 s
 * by default (distributor.retry_after_header), and Prometheus does as it is told.
 */
export const resumedMs = 3 * 60_000
/** How far back series are compared that two stores have. */
const comparedMs = 5_000

/** What a scenario exposes, and who scrapes it. */
interface Exposed {
  readonly target: ScrapeTarget
  readonly series: readonly ExposedSeries[]
}

const exposedOf = scenarioState<AcceptanceWorld, { exposed?: Exposed }>(() => ({}))

/** What the scenario exposes. @throws Undetermined where it exposes nothing */
export function exposed(world: AcceptanceWorld): Exposed {
  const { exposed: own } = exposedOf(world)
  if (own === undefined) throw new Undetermined('the scenario exposes no metrics', 'harness')
  return own
}

/** Labels by which a scenario's own series are found. */
export function ownLabels({ probe }: AcceptanceWorld): Record<string, string> {
  return { acceptance_run: probe.run, acceptance_scenario: probe.scenario }
}

/** Selects all series of a scenario, whatever their names. */
export function ownSelector({ probe }: AcceptanceWorld): string {
  return `{acceptance_run=${JSON.stringify(probe.run)},acceptance_scenario=${JSON.stringify(probe.scenario)}}`
}

/** Exposes metrics until the scenario ends. */
export async function expose(
  world: AcceptanceWorld,
  families: readonly Family[],
  format: ExpositionFormat = 'text',
): Promise<Exposed> {
  const { probe, run } = world
  const name = `${probe.run}-${probe.scenario}`
  const discovery = discoveryOf(prometheusSystem(run))
  const undo = { kind: 'remove-scrape-target', discovery: describeDiscovery(discovery), name } as const
  const change = recordChange(run.runId, run.target.file, undo)
  const exposition = { contentType: contentTypes[format], body: render(families, format) }
  let target: ScrapeTarget
  try {
    target = await exposeTo(discovery, name, exposition, run.signal)
  } catch (error) {
    crossOut(run.runId, change)
    throw error
  }
  world.defer(async () => {
    await target[Symbol.asyncDispose]()
    crossOut(run.runId, change)
  })
  const own = { target, series: exposedSeries(families) }
  exposedOf(world).exposed = own
  return own
}

/** Waits until a target has been scraped; returns when that was, the first time. */
export async function untilScraped(run: Run, { target }: Exposed): Promise<Moment> {
  const { value } = await prepare(
    run,
    'Prometheus does not scrape a target of the suite',
    {
      ask: async signal => {
        const value = await target.firstScrape(signal)
        return { request: `scrapes of ${target.instance}`, elapsedMs: 0, value }
      },
      expect: first => {
        if (first === undefined) throw new Unmet('it was not scraped yet')
      },
    },
    { deadlineMs: longestUntilScrapedMs },
  )
  if (value === undefined) throw new Undetermined('a target was scraped at no time', 'harness')
  return value
}

defineParameterType({
  name: 'expositionFormat',
  regexp: /text|OpenMetrics/,
  transformer: (name: string): ExpositionFormat => (name === 'text' ? 'text' : 'OpenMetrics'),
})

Given(
  'a target of Prometheus with metrics of every type, told as {expositionFormat}',
  async function (this: AcceptanceWorld, format: ExpositionFormat) {
    await expose(this, everyType(ownLabels(this)), format)
  },
)

Given('a target that Prometheus scrapes', async function (this: AcceptanceWorld) {
  await untilScraped(this.run, await expose(this, everyType(ownLabels(this))))
})

const scrapedOf = scenarioState<AcceptanceWorld, { first?: Moment }>(() => ({}))

When('Prometheus has scraped it', async function (this: AcceptanceWorld) {
  scrapedOf(this).first = await untilScraped(this.run, exposed(this))
})

/** The series of this scenario in Mimir with their values now; the time of an answer is that of the query. */
export function ownSeriesInMimir(world: AcceptanceWorld) {
  const store = storeOf(world.run, prometheusSystem(world.run).tenant)
  return (signal: AbortSignal) => store.instant(ownSelector(world), Date.now(), signal)
}

/** The samples of this scenario's series in Mimir with the times at which they were scraped, those of the last minute. */
export function ownSamplesInMimir(world: AcceptanceWorld) {
  const store = storeOf(world.run, prometheusSystem(world.run).tenant)
  return (signal: AbortSignal) =>
    store.samples(ownSelector(world), { endMs: Date.now(), windowMs: longestQueriedMs }, signal)
}

/** The labels that a scrape and remote write add to each series. */
async function addedLabels(world: AcceptanceWorld): Promise<Record<string, string>> {
  const { externalLabels } = await prometheusConfiguration(world.run)
  return { ...externalLabels, job, instance: exposed(world).target.instance }
}

Then(
  'Mimir answers with every series of it within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const expect = scrapedAll(exposed(this).series, await addedLabels(this))
    await this.eventually(
      { deadlineMs, since: scrapedOf(this).first, after: 'the scrape' },
      { ask: ownSeriesInMimir(this), expect },
    )
  },
)

Then('each series of it in Mimir has the external labels of Prometheus', async function (this: AcceptanceWorld) {
  const { externalLabels } = await prometheusConfiguration(this.run)
  if (Object.keys(externalLabels).length === 0)
    throw new NotApplicable('Prometheus is configured with no external labels')
  await this.eventually(
    { after: 'the scrape' },
    { ask: ownSeriesInMimir(this), expect: scrapedAll(exposed(this).series, await addedLabels(this)) },
  )
})

/** The samples of a scenario's series in a window, as Prometheus has them, and as Mimir does without the external labels. */
export async function askBoth(world: AcceptanceWorld) {
  const { run } = world
  const { externalLabels } = await prometheusConfiguration(run)
  const selector = ownSelector(world)
  const direct = prometheusStoreOf(run)
  const store = storeOf(run, prometheusSystem(run).tenant)
  return (window: Parameters<typeof store.samples>[1]) => ({
    ofPrometheus: (signal: AbortSignal) => direct.samples(selector, window, signal),
    ofMimir: async (signal: AbortSignal) => {
      const answer = await store.samples(selector, window, signal)
      return { ...answer, value: answer.value.map(each => without(each, externalLabels)) }
    },
  })
}

/** Accepts two stores that hold the same samples of a scenario's series, Prometheus' external labels left aside. */
export async function sameInBoth(world: AcceptanceWorld, since: Date): Promise<void> {
  // Up to now, so that nothing is compared that is still on its way for ever.
  const endMs = Date.now()
  const asks = (await askBoth(world))({ endMs, windowMs: Math.max(endMs - since.getTime(), comparedMs) })
  const { value: expected } = await prepare(world.run, 'Prometheus does not answer with what it scraped', {
    ask: asks.ofPrometheus,
    expect: series => {
      if (series.length === 0) throw new Unmet('Prometheus has no series of this scenario')
    },
  })
  const expect = exactlyTheseSeries(expected)
  await world.eventually({ after: 'the scrape', patienceMs: resumedMs }, { ask: asks.ofMimir, expect })
}

function without({ labels, samples }: Series, others: Readonly<Record<string, string>>): Series {
  const own = Object.entries(labels).filter(([name, value]) => others[name] !== value)
  return { labels: Object.fromEntries(own), samples }
}

Then('Mimir answers with the same samples of it as Prometheus itself', async function (this: AcceptanceWorld) {
  const first = scrapedOf(this).first ?? (await untilScraped(this.run, exposed(this)))
  await sameInBoth(this, first.wallTime)
})
