import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestError, TransientError, Undetermined, Unmet } from './errors.ts'
import { eventually, NotSeen, now } from './eventually.ts'
import { type Awaited, explain, notSeen, undecided, worstOf } from './judgement.ts'
import type { Observation } from './observation.ts'

const awaited: Awaited = {
  requirement: 'tempo-mimir.006.1',
  fact: 'Tempo answers with the whole trace within 5 seconds',
  key: 'a requirement | a scenario | a step',
  originalMs: 600_000,
  deadlineMs: 5_000,
  waitedMs: 5_000,
  after: 'the query',
}

async function missedBy(error: Error): Promise<NotSeen> {
  const wait = { deadlineMs: 100, since: now(), signal: new AbortController().signal, again: 'never' as const }
  const missed = await eventually({ ask: () => Promise.reject(error), expect: () => undefined }, wait).catch(one => one)
  assert.ok(missed instanceof NotSeen)
  return missed
}

test('another answer than was promised is a violation', async () => {
  const observation = notSeen(awaited, await missedBy(new Unmet('3 of 4 spans')), [])
  assert.equal(observation.outcome, 'violated')
  assert.equal(observation.fault, 'product')
})

test('where something is wrong with the surroundings nothing is decided, and it is told', async () => {
  const observation = notSeen(awaited, await missedBy(new Unmet('3 of 4 spans')), ['a disk is full: ENOSPC'])
  assert.deepEqual([observation.outcome, observation.fault], ['undetermined', 'environment'])
  assert.match(observation.message ?? '', /a disk is full: ENOSPC/)
})

test('an answer of the system itself that the question does not allow is a violation', async () => {
  const missed = await missedBy(new RequestError('GET / : 400 no such thing', { whose: 'product' }))
  const observation = notSeen(awaited, missed, [])
  assert.deepEqual([observation.outcome, observation.fault], ['violated', 'product'])
  assert.match(explain(observation), /after the query: it was answered otherwise/)
  assert.match(explain(observation), /GET \/ : 400 no such thing/)
})

test('silence is a violation where everything else answers, and undetermined where it does not', async () => {
  const missed = await missedBy(new TransientError('GET / : refused'))
  assert.equal(notSeen(awaited, missed, []).outcome, 'violated')
  const among = notSeen(awaited, missed, ['object storage at 127.0.0.1:9000'])
  assert.deepEqual([among.outcome, among.fault], ['undetermined', 'environment'])
})

test('a defect of the suite is never a violation, and a refusal is the environment', () => {
  assert.deepEqual(faultOf(new TypeError('x is not a function')), ['undetermined', 'harness'])
  assert.deepEqual(faultOf(new RequestError('GET / : 401')), ['undetermined', 'environment'])
  assert.deepEqual(faultOf(new Undetermined('interrupted', 'environment')), ['undetermined', 'environment'])
})

function faultOf(error: unknown): unknown[] {
  const { outcome, fault } = undecided(awaited, error)
  return [outcome, fault]
}

test('the explanation holds each fact once, and nothing else', async () => {
  const observation = notSeen(awaited, await missedBy(new Unmet('3 of 4 spans')), [])
  assert.deepEqual(explain(observation).split('\n'), [
    'tempo-mimir.006.1 is violated: Tempo answers with the whole trace within 5 seconds',
    'not true after the query',
    'first  3 of 4 spans',
  ])
})

test('of several facts the worst counts, and among the satisfied the slowest', () => {
  const satisfied: Observation = {
    ...undecided(awaited, new Error('x')),
    outcome: 'satisfied',
    fault: null,
    timeToTrueMs: 10,
    attempts: 2,
  }
  const slower = { ...satisfied, timeToTrueMs: 900 }
  const violated: Observation = { ...satisfied, outcome: 'violated', timeToTrueMs: null, message: 'no' }
  assert.equal(worstOf([satisfied, slower, satisfied]).timeToTrueMs, 900)
  const worst = worstOf([satisfied, violated, slower])
  assert.equal(worst.outcome, 'violated')
  assert.equal(worst.attempts, 6)
  assert.match(worst.message ?? '', /^1 of 3 like this one: no/)
})
