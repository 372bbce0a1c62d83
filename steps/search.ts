import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import type { FoundTrace } from '../support/drivers/tempo.ts'
import { Undetermined } from '../support/errors.ts'
import { type Moment, now } from '../support/eventually.ts'
import { exactlyTheseTraces, theseTracesAmongOthers } from '../support/expectations/search.ts'
import { prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { tempoOf } from '../support/systems.ts'
import { type SearchCriterion, searchCriteria } from '../support/traces/search-criteria.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { push } from './pushes.ts'
import { acknowledged } from './sent.ts'
import { tracesOf } from './traces.ts'

/** Both ends are given so that Tempo looks into blocks as well as into memory. */
const windowSeconds = 3_600

const searchOf = scenarioState<AcceptanceWorld, { matching: string[]; query?: string; since?: Moment }>(() => ({
  matching: [],
}))

defineParameterType({
  name: 'criterion',
  regexp: /resource attribute|duration|span name/,
  transformer: (name: string): SearchCriterion => searchCriteria[name as keyof typeof searchCriteria],
})

async function sendAll(
  world: AcceptanceWorld,
  count: number,
  criterion: SearchCriterion,
  matches: boolean,
): Promise<string[]> {
  const traces = Array.from({ length: count }, () => criterion.trace(world.probe, matches))
  const pushes = await Promise.all(traces.map(async trace => acknowledged(await push(world.run, trace, 'gRPC'))))
  tracesOf(world).pushes.push(...pushes)
  return traces.map(({ traceId }) => traceId)
}

Given(
  '{int} acknowledged trace(s) that match(es) a search by {criterion}',
  async function (this: AcceptanceWorld, count: number, criterion: SearchCriterion) {
    searchOf(this).matching.push(...(await sendAll(this, count, criterion, true)))
  },
)

Given(
  '{int} acknowledged traces that differ from them in {criterion}',
  async function (this: AcceptanceWorld, count: number, criterion: SearchCriterion) {
    await sendAll(this, count, criterion, false)
  },
)

Given(
  'an acknowledged trace that a search by {criterion} can find',
  async function (this: AcceptanceWorld, criterion: SearchCriterion) {
    const { matching } = searchOf(this)
    matching.push(...(await sendAll(this, 1, criterion, true)))
    const ask = (signal: AbortSignal) => search(this, criterion.query(this.probe), signal)
    await prepare(this.run, 'no search finds an acknowledged trace', { ask, expect: theseTracesAmongOthers(matching) })
  },
)

When('traces are searched by {criterion}', function (this: AcceptanceWorld, criterion: SearchCriterion) {
  Object.assign(searchOf(this), { query: criterion.query(this.probe), since: now() })
})

function search(world: AcceptanceWorld, query: string, signal: AbortSignal) {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  return tempoOf(world.run).search({ query, start: nowSeconds - windowSeconds, end: nowSeconds + 60 }, signal)
}

/** Awaits that the search finds what is expected of it. */
async function found(
  world: AcceptanceWorld,
  deadlineMs: number | undefined,
  expect: (found: FoundTrace[]) => void,
): Promise<void> {
  const { query, since } = searchOf(world)
  if (query === undefined) throw new Undetermined('the scenario searches for nothing', 'harness')
  await world.eventually(
    { deadlineMs, since, after: 'the search' },
    { ask: signal => search(world, query, signal), expect },
  )
}

Then(
  'the search result holds that trace and comes within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await found(this, deadlineMs, theseTracesAmongOthers(searchOf(this).matching))
  },
)

Then('exactly the matching traces are found', async function (this: AcceptanceWorld) {
  await found(this, undefined, exactlyTheseTraces(searchOf(this).matching))
})
