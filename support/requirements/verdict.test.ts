import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observation, Outcome } from '../observation.ts'
import { decide, exitCodeOf, isAccepted, shareOf, undeterminedBy, withDeviation } from './verdict.ts'

function observed(outcome: Outcome, more: Partial<Observation> = {}): Observation {
  return { ...undeterminedBy('a.b.1', ''), outcome, fault: null, ...more }
}
const verdict = (outcome: Outcome) => decide('a.b.1', [observed(outcome)])
const entry = { requirement: 'a.b.1', reason: 'r', owner: 'o', until: '2026-11-21' }
const calm = { interrupted: false, faulty: false }

test('the worst observation decides: satisfied, not applicable, undetermined, violated', () => {
  const order: Outcome[] = ['satisfied', 'not applicable', 'undetermined', 'violated']
  order.forEach((worst, index) => {
    const observations = order.slice(0, index + 1).map(outcome => observed(outcome))
    assert.equal(decide('a.b.1', observations).outcome, worst)
    assert.equal(decide('a.b.1', observations.reverse()).outcome, worst)
  })
})

test('no observation at all decides nothing', () => {
  const { outcome, observation } = decide('a.b.1', [])
  assert.equal(outcome, 'undetermined')
  assert.deepEqual([observation.fault, observation.message], ['harness', 'its scenario observed nothing'])
})

test('among satisfied observations the one with the least headroom is shown', () => {
  const short = observed('satisfied', { deadlineMs: 1_000, timeToTrueMs: 900 })
  const long = observed('satisfied', { deadlineMs: 600_000, timeToTrueMs: 60_000 })
  const free = observed('satisfied', { timeToTrueMs: 900_000 })
  assert.equal(decide('a.b.1', [long, short, free]).observation, short)
  assert.equal(decide('a.b.1', [free, observed('satisfied')]).observation, free)
  assert.equal(shareOf(short), 0.9)
  assert.equal(shareOf(free), undefined)
})

test('the first of several violations is the one to read; all notes are kept', () => {
  const [first, second] = [observed('violated', { notes: ['one'] }), observed('violated', { notes: ['two', 'three'] })]
  const decided = decide('a.b.1', [first, second])
  assert.equal(decided.observation, first)
  assert.deepEqual(decided.notes, ['one', 'two', 'three'])
})

test('a deviation accepts a violation until the end of its day, and not after', () => {
  assert.equal(isAccepted(withDeviation(verdict('violated'), entry, '2026-11-21')), true)
  const late = withDeviation(verdict('violated'), entry, '2026-11-22')
  assert.equal(isAccepted(late), false)
  assert.equal(late.deviation?.state, 'past')
})

test('a deviation from what is satisfied is needed no longer; one from what is undecided says nothing', () => {
  assert.equal(withDeviation(verdict('satisfied'), entry, '2026-11-21').deviation?.state, 'no longer needed')
  for (const outcome of ['undetermined', 'not applicable'] as const) {
    assert.equal(withDeviation(verdict(outcome), entry, '2026-11-21').deviation, undefined)
    assert.equal(isAccepted(withDeviation(verdict(outcome), entry, '2026-11-21')), false)
  }
})

const is = (outcome: Outcome, accepted = false) => ({ verdict: outcome, accepted })
const cases: [string, ReturnType<typeof is>[], number][] = [
  ['everything satisfied', [is('satisfied')], 0],
  ['satisfied, and some not applicable', [is('satisfied'), is('not applicable')], 0],
  ['satisfied and accepted', [is('satisfied'), is('violated', true)], 0],
  ['a violation', [is('satisfied'), is('violated')], 1],
  ['a violation outranks what is undetermined', [is('undetermined'), is('violated')], 1],
  ['one of two violations accepted', [is('violated', true), is('violated')], 1],
  ['something undetermined', [is('satisfied'), is('undetermined')], 3],
  ['nothing but not applicable', [is('not applicable')], 3],
  ['nothing at all', [], 3],
]
for (const [name, decided, code] of cases) {
  test(`exit code ${code}: ${name}`, () => assert.equal(exitCodeOf(decided, calm), code))
}

test('an interruption outranks everything; a fault of the run keeps it from being green', () => {
  assert.equal(exitCodeOf([is('violated')], { interrupted: true, faulty: false }), 130)
  assert.equal(exitCodeOf([is('satisfied')], { interrupted: false, faulty: true }), 3)
  assert.equal(exitCodeOf([is('violated')], { interrupted: false, faulty: true }), 1)
})
