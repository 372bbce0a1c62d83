import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Figure, isWithin, ratioOf, renderFigures } from './figure.ts'

const run: Figure = {
  name: 'a run',
  measured: 24_000,
  unit: 'ms',
  limit: 'at most',
  bound: 30_000,
  note: 'to its exit',
}
const atATime: Figure = { name: 'at a time', measured: 3, unit: 'scenarios', limit: 'at least', bound: 4, note: '' }

test('a figure keeps its bound from the right side, and on it', () => {
  assert.equal(isWithin(run), true)
  assert.equal(isWithin({ ...run, measured: 30_000 }), true)
  assert.equal(isWithin({ ...run, measured: 30_001 }), false)
  assert.equal(isWithin(atATime), false)
  assert.equal(isWithin({ ...atATime, measured: 4 }), true)
  assert.equal(isWithin({ ...run, measured: Number.NaN }), false)
  assert.equal(ratioOf(run), 0.8)
})

test('the table shows each figure in its unit beside its bound, and marks what is beyond', () => {
  const share: Figure = { ...run, name: 'busy', measured: 0.0123, unit: 'share', bound: 0.05, note: 'per wait' }
  assert.equal(
    renderFigures([run, atATime, share, { ...run, name: 'late', measured: 71.66, bound: 80 }]),
    [
      'figure     measured  bound            ratio          how',
      'a run      24.00 s   at most 30.00 s  0.80           to its exit',
      'at a time  3         at least 4       0.75   BEYOND',
      'busy       1.23 %    at most 5.00 %   0.25           per wait',
      'late       71.7 ms   at most 80.0 ms  0.90           to its exit',
    ].join('\n'),
  )
})
