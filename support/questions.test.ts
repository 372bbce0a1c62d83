import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransientError, Unmet } from './errors.ts'
import { eventually, now, type Question } from './eventually.ts'
import { inTurn } from './questions.ts'

/** A question that is met from one ask on, and counts how often it was asked. */
function metFrom(name: string, from: number): Question<number> & { asked: number } {
  const question = {
    asked: 0,
    ask: async () => ({ request: name, elapsedMs: 0, value: ++question.asked }),
    expect: (value: number) => {
      if (value < from) throw new Unmet(`${name} has ${value}`)
    },
  }
  return question
}

test('what has been met is not asked again', async () => {
  const questions = [metFrom('a', 1), metFrom('b', 3)]
  await eventually(inTurn(questions), { deadlineMs: 1_000, since: now(), signal: new AbortController().signal })
  assert.deepEqual(
    questions.map(({ asked }) => asked),
    [1, 3],
  )
})

test('a single fact that never comes is enough, and is named with its request', async () => {
  const question = inTurn([metFrom('a', 1), metFrom('b', Number.POSITIVE_INFINITY)])
  const { request, value } = await question.ask(new AbortController().signal)
  assert.equal(request, 'b')
  assert.throws(() => question.expect(value), { message: 'b has 1' })
})

test('a request that fails in the middle does not undo what was seen before it', async () => {
  const questions = [metFrom('a', 1), metFrom('b', 2), metFrom('c', 1), metFrom('d', 1)]
  const [, , third] = questions
  assert.ok(third)
  let failures = 1
  const { ask } = third
  third.ask = signal => (failures-- > 0 ? Promise.reject(new TransientError('reset')) : ask(signal))
  await eventually(inTurn(questions), { deadlineMs: 2_000, since: now(), signal: new AbortController().signal })
  assert.deepEqual(
    questions.map(({ asked }) => asked),
    [1, 2, 1, 1],
  )
})

test('no fact at all is not met', () => {
  assert.throws(() => inTurn([]), RangeError)
})
