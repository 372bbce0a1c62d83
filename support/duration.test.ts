import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDuration } from './duration.ts'

test('durations of people and of Go are read', () => {
  const read = ['10 minutes', '1 second', '5s', '1m30s', '500ms', '2 hours', '30 days', '0s'].map(parseDuration)
  assert.deepEqual(read, [600_000, 1_000, 5_000, 90_000, 500, 7_200_000, 2_592_000_000, 0])
})

test('what is no duration is refused, not taken for zero', () => {
  for (const text of ['', 'soon', 'minutes', '-']) assert.throws(() => parseDuration(text), RangeError)
})

test('durations are told in the unit that reads best', () => {
  assert.deepEqual([600_000, 1_500, 40, 61_000, 0].map(formatDuration), ['10 min', '1.5 s', '40 ms', '1 min', '0 ms'])
})
