import assert from 'node:assert/strict'
import { test } from 'node:test'
import { double, drop, type Json, put, spotsOf, valueAt } from './places.ts'

const trace = (): Json => ({
  batches: [{ spans: [{ name: 'a' }, { name: 'b' }] }, { spans: [{ name: 'c' }] }],
  '0': 'a name that is a number',
})

const valuesAt = (place: string) => spotsOf(trace(), place).map(valueAt)

test('a place names one spot, each of a list, each of an object, or one counted from the end', () => {
  assert.deepEqual(valuesAt('batches.0.spans.1.name'), ['b'])
  assert.deepEqual(valuesAt('batches.*.spans.*.name'), ['c', 'b', 'a'])
  assert.deepEqual(valuesAt('batches.0.*.0.name'), ['a'])
  assert.deepEqual(valuesAt('batches.-1.spans.-1.name'), ['c'])
  assert.deepEqual(valuesAt('batches.-2.spans.-1.name'), ['b'])
  assert.deepEqual(valuesAt('0'), ['a name that is a number'])
})

test('what is not there has no spot', () => {
  for (const place of ['no', 'batches.2', 'batches.-3', 'batches.x', 'batches.0.5', 'batches.0.spans.0.name.first'])
    assert.deepEqual(valuesAt(place), [], place)
  assert.deepEqual(spotsOf('text', 'a'), [])
  assert.deepEqual(spotsOf(null, 'a'), [])
  // What every object has by nature is nothing that was said.
  assert.deepEqual(spotsOf({}, 'toString'), [])
})

test('only the last name may be new, and only where that is allowed', () => {
  const root: Json = { known: {}, list: [] }
  for (const spot of spotsOf(root, 'known.fresh', 'allowed')) put(spot, 1)
  for (const spot of spotsOf(root, 'fresh', 'allowed')) put(spot, 2)
  assert.deepEqual(spotsOf(root, 'unknown.fresh', 'allowed'), [])
  assert.deepEqual(spotsOf(root, 'list.0', 'allowed'), [])
  assert.deepEqual(root, { known: { fresh: 1 }, list: [], fresh: 2 })
})

test('dropping several leaves none of them, and nothing else goes', () => {
  const root: Json = { list: [1, 2, 3], other: { a: 1, b: 2 } }
  for (const spot of spotsOf(root, 'list.*')) drop(spot)
  for (const spot of spotsOf(root, 'other.a')) drop(spot)
  assert.deepEqual(root, { list: [], other: { b: 2 } })
})

test('an element of a list can stand there twice, a copy and not itself; a name cannot', () => {
  const root: Json = { list: [{ n: 1 }, { n: 2 }] }
  assert.deepEqual(spotsOf(root, 'list.*').map(double), [true, true])
  assert.deepEqual(root, { list: [{ n: 1 }, { n: 1 }, { n: 2 }, { n: 2 }] })
  for (const spot of spotsOf(root, 'list.0.n')) put(spot, 9)
  assert.deepEqual(valueAt(spotsOf(root, 'list.1.n')[0] ?? assert.fail()), 1)
  assert.deepEqual(spotsOf(root, 'list').map(double), [false])
})
