import { Given, Then, When } from '@cucumber/cucumber'
import type { Answer } from '../support/drivers/answer.ts'
import type { StatusAnswer } from '../support/drivers/tempo.ts'
import { Undetermined } from '../support/errors.ts'
import { type Moment, now } from '../support/eventually.ts'
import { rejectedWithReason, sayingWhatIsMissing, statusIs } from '../support/expectations/answers.ts'
import { noSuchTrace, wholeTrace } from '../support/expectations/traces.ts'
import { waitAtMost } from '../support/prepare.ts'
import { inTurn, patienceInTurnMs } from '../support/questions.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { tempoOf } from '../support/systems.ts'
import { newTraceId } from '../support/traces/identity.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { acknowledgedTraces } from './traces.ts'

/** What is asked for by id, since when. */
const queryOf = scenarioState<AcceptanceWorld, { ids: string[]; since?: Moment }>(() => ({ ids: [] }))

/** From now on these ids are asked for. */
export function startQuery(world: AcceptanceWorld, ids: readonly string[]): void {
  Object.assign(queryOf(world), { ids: [...ids], since: now() })
}

/** The one id that is queried, and the moment of the query. */
function theQuery(world: AcceptanceWorld): { id: string; since: Moment } {
  const { ids, since } = queryOf(world)
  const [id, ...others] = ids
  if (id === undefined || since === undefined || others.length > 0)
    throw new Undetermined('the scenario queries no one trace', 'harness')
  return { id, since }
}

When('it is queried by its id', function (this: AcceptanceWorld) {
  startQuery(this, [acknowledgedTraces(this)[0].trace.traceId])
})

When('all of them are queried by their ids( at once)', function (this: AcceptanceWorld) {
  startQuery(
    this,
    acknowledgedTraces(this).map(({ trace }) => trace.traceId),
  )
})

When('a trace is queried that was never sent', function (this: AcceptanceWorld) {
  startQuery(this, [newTraceId()])
})

When('the trace id {string} is queried', function (this: AcceptanceWorld, id: string) {
  startQuery(this, [id])
})

/** Awaits that each queried trace is answered whole; the queries run side by side. */
async function answeredWhole(world: AcceptanceWorld, deadlineMs?: number): Promise<void> {
  const { ids, since } = queryOf(world)
  const queried = acknowledgedTraces(world).filter(({ trace }) => ids.includes(trace.traceId))
  const tempo = tempoOf(world.run)
  await world.eventuallyAll(
    { deadlineMs, since, after: 'the query' },
    queried.map(({ trace }) => ({
      ask: (signal: AbortSignal) => tempo.traceById(trace.traceId, signal),
      expect: wholeTrace(trace),
    })),
  )
}

Then('Tempo answers with the whole trace', async function (this: AcceptanceWorld) {
  await answeredWhole(this)
})

Then(
  'Tempo answers with the whole trace within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answeredWhole(this, deadlineMs)
  },
)

Then('Tempo answers for each with the whole trace', async function (this: AcceptanceWorld) {
  const { ids, since } = queryOf(this)
  const tempo = tempoOf(this.run)
  const queried = acknowledgedTraces(this).filter(({ trace }) => ids.includes(trace.traceId))
  // Nothing is promised here of many queries at once, which a busy Tempo turns away.
  const questions = queried.map(({ trace }) => ({
    ask: (signal: AbortSignal) => tempo.traceById(trace.traceId, signal),
    expect: wholeTrace(trace),
  }))
  await this.eventually(
    { since, after: 'the queries', patienceMs: patienceInTurnMs(questions.length) },
    inTurn(questions),
  )
})

Then('each of the answers comes within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  await answeredWhole(this, deadlineMs)
})

Then('each of the answers is the whole trace that was asked for', async function (this: AcceptanceWorld) {
  await answeredWhole(this)
})

/** Awaits what Tempo says to the queried id, and judges the first answer. */
async function answered(
  world: AcceptanceWorld,
  deadlineMs: number | undefined,
  expect: (answer: StatusAnswer) => void,
): Promise<void> {
  const { id, since } = theQuery(world)
  const ask = (signal: AbortSignal): Promise<Answer<StatusAnswer>> => tempoOf(world.run).traceByIdResponse(id, signal)
  await world.eventually({ deadlineMs, since, after: 'the query', again: 'transient' }, { ask, expect })
}

Then('Tempo answers with status {int}', async function (this: AcceptanceWorld, status: number) {
  await answered(this, undefined, statusIs(status))
})

Then(
  'Tempo answers with status 404 and a message that tells what was not found',
  async function (this: AcceptanceWorld) {
    await answered(this, undefined, sayingWhatIsMissing(theQuery(this).id))
  },
)

Then(
  'Tempo answers with status 400 and a reason within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await answered(this, deadlineMs, rejectedWithReason(400))
  },
)

Then(
  'Tempo answers within {duration} that there is no such trace',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { id, since } = theQuery(this)
    const ask = (signal: AbortSignal) => tempoOf(this.run).traceById(id, signal)
    await this.eventually({ deadlineMs, since, after: 'the query', again: 'transient' }, { ask, expect: noSuchTrace })
  },
)

Given(
  "{duration} have passed, or Tempo's memory has let go of it",
  async function (this: AcceptanceWorld, longestMs: number) {
    const [{ trace, acknowledgedAt }] = acknowledgedTraces(this)
    const tempo = tempoOf(this.run)
    const letGo = { ask: (signal: AbortSignal) => tempo.traceFromMemory(trace.traceId, signal), expect: noSuchTrace }
    const span = { since: acknowledgedAt, deadlineMs: longestMs }
    await waitAtMost(this.run, 'memory has let go of a trace', letGo, span)
  },
)
