import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodings, inexpressibleInProtobuf } from './encoding.ts'
import { levelPairs, pairwise } from './pairwise.ts'
import { pairwiseTraces } from './pairwise-traces.ts'
import { exclusions, features, notKept } from './span-features.ts'
import type { Attributes, Trace } from './trace.ts'

const small = { a: ['1', '2', '3'], b: ['x', 'y'], c: ['p', 'q', 'r'], d: ['on', 'off'] }
const forbidden = (row: { a?: string; b?: string; c?: string }) =>
  (row.a === '1' && row.b === 'x') || (row.b === 'y' && row.c === 'r')

test('every pair is covered that can be, and no forbidden pair is there', () => {
  for (let seed = 0; seed < 20; seed++) {
    const rows = pairwise(small, forbidden, seed)
    assert.ok(rows.every(row => !forbidden(row)))
    for (const [one, other] of levelPairs(small)) {
      const covered = rows.some(
        row =>
          Object.entries(row).filter(([f, l]) => [one, other].some(x => x.factor === f && x.level === l)).length === 2,
      )
      // a=1 needs b=y, which excludes c=r: a pair that no rule names, but that no row can hold
      const impossible = ['a=1 b=x', 'b=y c=r', 'a=1 c=r'].includes(
        `${one.factor}=${one.level} ${other.factor}=${other.level}`,
      )
      assert.equal(covered, !impossible, `seed ${seed}: ${JSON.stringify([one, other])}`)
    }
    assert.ok(rows.length <= 14, `${rows.length} rows`)
  }
})

test('the same seed gives the same rows, another seed others', () => {
  assert.deepEqual(pairwise(small, forbidden, 7), pairwise(small, forbidden, 7))
  assert.notDeepEqual(pairwise(small, forbidden, 7), pairwise(small, forbidden, 8))
})

test('rules that leave nothing are an error', () => {
  assert.throws(() => pairwise(small, row => row.d !== undefined, 1), RangeError)
})

const traces = pairwiseTraces({ run: 'r', scenario: 's', seed: 20_260, maxAttributeBytes: 2048 })

test('every two features of a span meet in a trace, but for what the exclusions name', () => {
  const said = traces.map(
    ({ description, encoding }) => new Set([`encoding: ${encoding}`, ...description.split(', ').slice(1)]),
  )
  let excluded = 0
  for (const [one, other] of levelPairs(features)) {
    const together = said.some(
      set => set.has(`${one.factor}: ${one.level}`) && set.has(`${other.factor}: ${other.level}`),
    )
    const apart = exclusions.some(({ excludes }) => excludes({ [one.factor]: one.level, [other.factor]: other.level }))
    assert.equal(together, !apart, `${one.factor}: ${one.level} with ${other.factor}: ${other.level}`)
    excluded += Number(apart)
  }
  assert.equal(excluded, 2 * (encodings.length - 1) + 3)
  assert.ok(traces.length < 100, `${traces.length} traces`)
})

test('what a trace says of itself is in it', () => {
  for (const { trace, description } of traces) {
    const [main, ...children] = trace.spans
    assert.ok(main)
    assert.equal(
      children.length,
      /children: none/.test(description) ? 0 : /children: one/.test(description) ? 1 : 12,
      description,
    )
    assert.equal(
      new Set(trace.spans.map(span => span.resource)).size,
      /services: one/.test(description) ? 1 : Math.min(3, trace.spans.length),
    )
    assert.equal(main.links.length, /links: none/.test(description) ? 0 : /links: one/.test(description) ? 1 : 3)
    assert.equal(main.end - main.start === 0n, /duration: zero/.test(description))
    assert.equal(main.parentSpanId === '', /parent: none/.test(description))
    assert.deepEqual(main.resource['acceptance.run'], { string: 'r' })
  }
})

test('only what is sent as JSON holds values that the protobuf encoder would change', () => {
  const values = (attributes: Attributes) => Object.values(attributes)
  for (const { trace, encoding } of traces) {
    const all = trace.spans.flatMap(span => [
      span.attributes,
      span.resource,
      span.scope.attributes,
      ...[...span.events, ...span.links].map(part => part.attributes),
    ])
    const changed = all
      .flatMap(values)
      .map(inexpressibleInProtobuf)
      .filter(reason => reason !== undefined)
    if (encoding !== 'HTTP JSON') assert.deepEqual(changed, [])
  }
})

test('the long attributes have exactly the limit in bytes', () => {
  for (const limit of [2048, 100, 101]) {
    const all = pairwiseTraces({ run: 'r', scenario: 's', seed: 1, maxAttributeBytes: limit })
    const found = all.filter(({ description }) => /value: at the limit, place: span/.test(description))
    assert.ok(found.length > 0)
    for (const { trace } of found) {
      const { ascii, unicode, ...rest } = trace.spans[0]?.attributes ?? {}
      for (const value of [ascii, unicode])
        assert.equal(Buffer.byteLength(value && 'string' in value ? value.string : ''), limit)
      assert.deepEqual(
        Object.keys(rest).map(key => key.length),
        [limit],
      )
    }
  }
})

test('no trace has what Tempo does not keep', () => {
  const judged = notKept.filter(({ holds }) => holds !== undefined)
  assert.equal(judged.length, 3)
  for (const { what, holds } of judged) {
    for (const { trace, description } of traces) assert.equal(holds?.(trace, 2048), false, `${description} has ${what}`)
  }
  const [trace] = traces.filter(({ description }) => description.includes('value: at the limit')).map(one => one.trace)
  const [first, ...rest] = trace?.spans ?? []
  assert.ok(trace && first)
  const faulty: Trace[] = [
    { ...trace, spans: [{ ...first, resource: { 'service.name': { string: '' } } }, ...rest] },
    { ...trace, spans: [first, { ...first, scope: { ...first.scope, attributes: { a: { int: 1n } } } }] },
    { ...trace, spans: [{ ...first, attributes: { long: { string: 'x'.repeat(2049) } } }] },
  ]
  assert.deepEqual(
    faulty.map((one, index) => judged[index]?.holds?.(one, 2048)),
    [true, true, true],
  )
})
