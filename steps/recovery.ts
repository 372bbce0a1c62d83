import { Given, Then, When } from '@cucumber/cucumber'
import { formatDuration } from '../support/duration.ts'
import { Undetermined } from '../support/errors.ts'
import { NotSeen } from '../support/eventually.ts'
import { noStorageErrors, proveLogSearch } from '../support/expectations/log.ts'
import { sameTrace, wholeTrace } from '../support/expectations/traces.ts'
import { learn } from '../support/prepare.ts'
import { inTurn } from '../support/questions.ts'
import { tempoOf, workloadOf } from '../support/systems.ts'
import type { Trace } from '../support/traces/trace.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type Restart, restartOf } from './evidence/restart.ts'
import { judgedWait } from './evidence/waited.ts'
import { type Acknowledged, acknowledged, judgedPush } from './pushes.ts'
import { startQuery } from './queries.ts'
import { tracesOf } from './traces.ts'

Given('Tempo was restarted while it held flushed and unflushed traces', async function (this: AcceptanceWorld) {
  await restartOf(this.run)
})

/** The restart of this run, where Tempo came back from it. */
async function recovered(world: AcceptanceWorld): Promise<Restart> {
  const restart = await restartOf(world.run)
  if (restart.ready instanceof NotSeen) {
    throw new Undetermined(
      `Tempo did not come back from the restart, so this cannot be seen: ${restart.description}`,
      'environment',
    )
  }
  return restart
}

/** Awaits Tempo's answers for all of these traces, asked one after the other: there may be many, and Tempo has just come back. */
async function answersFor(
  world: AcceptanceWorld,
  sent: readonly Acknowledged[],
  expectation: (sent: Acknowledged) => (stored: Trace | undefined) => void,
): Promise<void> {
  const tempo = tempoOf(world.run)
  const questions = sent.map(one => ({
    ask: (signal: AbortSignal) => tempo.traceById(one.trace.traceId, signal),
    expect: expectation(one),
  }))
  await world.eventually({ after: 'the query' }, inTurn(questions))
}

Then(
  'the workload was ready within {duration} of the restart',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { ready } = await restartOf(this.run)
    const recorded = judgedWait(ready, 'it did not become ready', `status of ${workloadOf(this.run, 'tempo').name}`)
    await this.judge({ deadlineMs, after: 'the restart' }, [recorded])
  },
)

Then(
  "Tempo's blocks alone answered for the flushed traces within {duration} of the restart",
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { blocks } = await recovered(this)
    if (blocks === undefined) throw new Undetermined('no trace was looked for in the blocks', 'harness')
    const failure = 'its blocks alone do not answer for a trace that was in the bucket'
    await this.judge({ deadlineMs, after: 'the restart' }, [judgedWait(blocks, failure, "Tempo's blocks alone")])
  },
)

Then('Tempo answers for every trace that was acknowledged before the restart', async function (this: AcceptanceWorld) {
  const { flushed, unflushed } = await recovered(this)
  await answersFor(this, [...flushed, ...unflushed], ({ trace }) => wholeTrace(trace))
})

Then(
  "Tempo's blocks alone answer for the flushed traces, though nobody lent a hand",
  async function (this: AcceptanceWorld) {
    const { flushed } = await recovered(this)
    const tempo = tempoOf(this.run)
    const questions = flushed.map(({ trace }) => ({
      ask: (signal: AbortSignal) => tempo.traceFromBlocks(trace.traceId, signal),
      expect: wholeTrace(trace),
    }))
    await this.eventuallyAll({ after: 'the query' }, questions)
  },
)

Then(
  'the first trace that was sent when Tempo was ready again was acknowledged',
  async function (this: AcceptanceWorld) {
    const { firstPush } = await recovered(this)
    if (firstPush === undefined) throw new Undetermined('no trace was sent after the restart', 'harness')
    await this.judge({ after: 'the push' }, [judgedPush(firstPush)])
  },
)

Then("Tempo's log since the restart holds no storage error", async function (this: AcceptanceWorld) {
  const { at } = await recovered(this)
  proveLogSearch()
  const workload = workloadOf(this.run, 'tempo')
  await this.eventually(
    { after: 'the reading', again: 'transient' },
    { ask: signal => workload.log(at.wallTime, signal), expect: noStorageErrors },
  )
})

Given('the first trace that was sent when Tempo was ready again', async function (this: AcceptanceWorld) {
  const { firstPush } = await recovered(this)
  if (firstPush === undefined) throw new Undetermined('no trace was sent after the restart', 'harness')
  tracesOf(this).pushes.push(acknowledged(firstPush))
})

When('a trace from before the restart is queried by its id', async function (this: AcceptanceWorld) {
  const { flushed } = await recovered(this)
  tracesOf(this).pushes.push(...flushed.slice(0, 1))
  startQuery(
    this,
    flushed.slice(0, 1).map(({ trace }) => trace.traceId),
  )
})

Then('Tempo answers for every trace just as it did before the restart', async function (this: AcceptanceWorld) {
  const { flushed, unflushed, before } = await recovered(this)
  await answersFor(this, [...flushed, ...unflushed], ({ trace }) => sameTrace(answerBefore(before, trace.traceId)))
})

function answerBefore(before: Restart['before'], traceId: string) {
  const answer = before.get(traceId)
  if (answer === undefined) throw new Undetermined(`no answer of before the restart was kept for ${traceId}`, 'harness')
  return answer
}

Then(
  'every trace that the writer got acknowledged is answered whole, each span once',
  async function (this: AcceptanceWorld) {
    const { traffic, at, description } = await recovered(this)
    const { refused, longestWithoutPushMs, longestWithoutQueryMs, incompleteAnswers } = traffic
    const isEarlier = (sent: Acknowledged) => sent.acknowledgedAt.monotonicMs < at.monotonicMs
    const earlier = traffic.acknowledged.filter(isEarlier).length
    if (earlier === 0 || earlier === traffic.acknowledged.length)
      throw new Undetermined(
        'the writer got nothing acknowledged before the restart, or nothing after it',
        'environment',
      )
    const kept = await countKept(
      this,
      refused.map(({ trace }) => trace.traceId),
    )
    this.note(
      `${traffic.acknowledged.length} traces acknowledged, ${earlier} of them before the restart, ${refused.length} refused, of which ${kept} are there all the same`,
    )
    this.note(
      `longest time without a successful push ${formatDuration(longestWithoutPushMs)}, without a successful query ${formatDuration(longestWithoutQueryMs)}`,
    )
    this.note(description)
    if (incompleteAnswers > 0)
      this.note(`${incompleteAnswers} answers during the restart lacked a trace of before it, or part of it`)
    await answersFor(this, traffic.acknowledged, ({ trace }) => wholeTrace(trace))
  },
)

/** How many of these traces Tempo answers for. */
async function countKept({ run }: AcceptanceWorld, ids: readonly string[]): Promise<number> {
  const answers = await Promise.all(
    ids.map(id => learn(run, 'whether a refused trace is there', signal => tempoOf(run).traceById(id, signal))),
  )
  return answers.filter(trace => trace !== undefined).length
}
