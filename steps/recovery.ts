import { Given, Then, When } from '@cucumber/cucumber'
import { formatDuration } from '../support/duration.ts'
import { Undetermined } from '../support/errors.ts'
import { NotSeen } from '../support/eventually.ts'
import { noStorageErrors, proveLogSearch } from '../support/expectations/log.ts'
import { sameTrace, wholeTrace } from '../support/expectations/traces.ts'
import { inTurn, patienceInTurnMs } from '../support/questions.ts'
import { isStoring, type StoringSystemName } from '../support/system-names.ts'
import { tempoOf, workloadOf } from '../support/systems.ts'
import type { Trace } from '../support/traces/trace.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type Disruptions, disruptions, ofMimir, ofTempo } from './evidence/disruptions.ts'
import { countLost } from './evidence/lost.ts'
import type { Restart } from './evidence/restart.ts'
import { judgedWait } from './evidence/waited.ts'
import { startQuery } from './queries.ts'
import { type Acknowledged, acknowledged, judgedSent, type Sent } from './sent.ts'
import { titles } from './systems.ts'
import { tracesOf } from './traces.ts'

Given(
  '{system} was restarted while it held flushed and unflushed traces/samples',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await disruptions[system].restart(this.run)
  },
)

/** The restart of a system in this run, where it came back from it. */
async function recovered<Kind extends Sent, Stored>(
  world: AcceptanceWorld,
  { keeper, restart }: Disruptions<Kind, Stored>,
): Promise<Restart<Kind, Stored>> {
  const evidence = await restart(world.run)
  if (evidence.ready instanceof NotSeen) {
    throw new Undetermined(
      `${titles[keeper.system]} did not come back from the restart, so this cannot be seen: ${evidence.description}`,
      'environment',
    )
  }
  return evidence
}

/** The one system whose scenario it is. */
function ownSystem({ context }: AcceptanceWorld): StoringSystemName {
  const [system, ...others] = context.systems.filter(isStoring)
  if (system === undefined || others.length > 0)
    throw new Undetermined('the scenario is about more than one system, or none', 'harness')
  return system
}

/** Awaits the answers for all of these, asked one after the other: there may be many, and the system has just come back. */
async function answersFor<Kind extends Sent, Stored>(
  world: AcceptanceWorld,
  { keeper }: Disruptions<Kind, Stored>,
  sent: readonly Kind[],
): Promise<void> {
  const questions = sent.map(one => keeper.answers(world.run, one))
  await world.eventually({ after: 'the query', patienceMs: patienceInTurnMs(sent.length) }, inTurn(questions))
}

Then(
  'the workload was ready within {duration} of the restart',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const system = ownSystem(this)
    const { ready } = await disruptions[system].restart(this.run)
    const recorded = judgedWait(ready, 'it did not become ready', `status of ${workloadOf(this.run, system).name}`)
    await this.judge({ deadlineMs, after: 'the restart' }, [recorded])
  },
)

Then(
  "Tempo's blocks alone answered for the flushed traces within {duration} of the restart",
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { fromStorage } = await recovered(this, ofTempo)
    if (fromStorage === undefined) throw new Undetermined('no trace was looked for in the blocks', 'harness')
    const failure = 'its blocks alone do not answer for a trace that was in the bucket'
    await this.judge({ deadlineMs, after: 'the restart' }, [judgedWait(fromStorage, failure, "Tempo's blocks alone")])
  },
)

Then(
  '{system} answers for every trace/sample that was acknowledged before the restart',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { flushed, unflushed } = await recovered(this, disruptions[system])
    await answersFor(this, disruptions[system], [...flushed, ...unflushed])
  },
)

Then(
  'within {duration} of the restart Mimir answered for every sample that was acknowledged before',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { flushed, unflushed, at } = await recovered(this, ofMimir)
    const questions = [...flushed, ...unflushed].map(sent => ofMimir.keeper.answers(this.run, sent))
    await this.eventually({ deadlineMs, since: at, after: 'the restart' }, inTurn(questions))
  },
)

Then(
  "Tempo's blocks alone answer for the flushed traces, though nobody lent a hand",
  async function (this: AcceptanceWorld) {
    const { flushed } = await recovered(this, ofTempo)
    const tempo = tempoOf(this.run)
    const questions = flushed.map(({ trace }) => ({
      ask: (signal: AbortSignal) => tempo.traceFromBlocks(trace.traceId, signal),
      expect: wholeTrace(trace),
    }))
    await this.eventuallyAll({ after: 'the query' }, questions)
  },
)

Then(
  'the first trace/write that was sent when {system} was ready again was acknowledged',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { firstPush } = await recovered(this, disruptions[system])
    if (firstPush === undefined) throw new Undetermined('nothing was sent after the restart', 'harness')
    await this.judge({ after: 'the push' }, [judgedSent(firstPush)])
  },
)

Then(
  "{system}'s log since the restart holds no storage error",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { keeper } = disruptions[system]
    const { at } = await recovered(this, disruptions[system])
    proveLogSearch(keeper.storage.log)
    const workload = workloadOf(this.run, system)
    await this.eventually(
      { after: 'the reading', again: 'transient' },
      { ask: signal => workload.log(at.wallTime, signal), expect: noStorageErrors(keeper.storage.log) },
    )
  },
)

Given('the first trace that was sent when Tempo was ready again', async function (this: AcceptanceWorld) {
  const { firstPush } = await recovered(this, ofTempo)
  if (firstPush === undefined) throw new Undetermined('no trace was sent after the restart', 'harness')
  tracesOf(this).pushes.push(acknowledged(firstPush))
})

When('a trace from before the restart is queried by its id', async function (this: AcceptanceWorld) {
  const { flushed } = await recovered(this, ofTempo)
  tracesOf(this).pushes.push(...flushed.slice(0, 1))
  startQuery(
    this,
    flushed.slice(0, 1).map(({ trace }) => trace.traceId),
  )
})

Then('Tempo answers for every trace just as it did before the restart', async function (this: AcceptanceWorld) {
  const { flushed, unflushed, before } = await recovered(this, ofTempo)
  const tempo = tempoOf(this.run)
  const questions = [...flushed, ...unflushed].map(({ trace }) => ({
    ask: (signal: AbortSignal) => tempo.traceById(trace.traceId, signal),
    expect: sameTrace(answerBefore(before, trace.traceId)),
  }))
  await this.eventually({ after: 'the query', patienceMs: patienceInTurnMs(questions.length) }, inTurn(questions))
})

function answerBefore(before: ReadonlyMap<string, Trace | undefined>, traceId: string): Trace {
  const answer = before.get(traceId)
  if (answer === undefined) throw new Undetermined(`no answer of before the restart was kept for ${traceId}`, 'harness')
  return answer
}

Then(
  'every trace that the writer got acknowledged is answered whole, each span once',
  async function (this: AcceptanceWorld) {
    await trafficIsAnswered(this, ofTempo)
  },
)

Then('every sample that the writer got acknowledged is answered, each once', async function (this: AcceptanceWorld) {
  await trafficIsAnswered(this, ofMimir)
})

async function trafficIsAnswered<Kind extends Sent, Stored>(
  world: AcceptanceWorld,
  disrupted: Disruptions<Kind, Stored>,
): Promise<void> {
  const { traffic, at, description } = await recovered(world, disrupted)
  const { refused, longestWithoutPushMs, longestWithoutQueryMs, incompleteAnswers } = traffic
  const isEarlier = (sent: Acknowledged<Kind>) => sent.acknowledgedAt.monotonicMs < at.monotonicMs
  const earlier = traffic.acknowledged.filter(isEarlier).length
  if (earlier === 0 || earlier === traffic.acknowledged.length)
    throw new Undetermined('the writer got nothing acknowledged before the restart, or nothing after it', 'environment')
  const lost = await countLost(world, disrupted.keeper, refused)
  world.note(
    `${traffic.acknowledged.length} pushes acknowledged, ${earlier} of them before the restart, ${refused.length} refused, of which ${refused.length - lost} are there all the same`,
  )
  world.note(
    `longest time without a successful push ${formatDuration(longestWithoutPushMs)}, without a successful query ${formatDuration(longestWithoutQueryMs)}`,
  )
  world.note(description)
  if (incompleteAnswers > 0)
    world.note(`${incompleteAnswers} answers during the restart lacked what was sent before it, or part of it`)
  await answersFor(world, disrupted, traffic.acknowledged)
}
