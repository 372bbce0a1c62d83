import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newSpanId, newTraceId, nowNanoseconds } from './identity.ts'
import { batches, markQuery, simpleTrace } from './simple-trace.ts'

const mark = { run: 'run-1', scenario: 'a scenario' }

test('ids are fresh and well formed', () => {
  assert.match(newTraceId(), /^[0-9a-f]{32}$/)
  assert.match(newSpanId(), /^[0-9a-f]{16}$/)
  assert.equal(new Set(Array.from({ length: 1000 }, newTraceId)).size, 1000)
})

test('time only goes forward', () => {
  const times = Array.from({ length: 10_000 }, nowNanoseconds)
  assert.ok(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0n)))
})

test('a simple trace is one root with its children, of just now, marked as ours', () => {
  const before = nowNanoseconds()
  const { spans } = simpleTrace({ ...mark, spans: 5, service: 'stock' })
  const [root, ...children] = spans
  assert.ok(root)
  assert.equal(root.parentSpanId, '')
  assert.equal(children.length, 4)
  for (const child of children) {
    assert.equal(child.parentSpanId, root.spanId)
    assert.ok(child.start >= root.start && child.end <= root.end && child.start < child.end)
  }
  assert.ok(root.end >= before && root.start > before - 2_000_000_000n)
  assert.equal(new Set(spans.map(span => span.spanId)).size, 5)
  assert.deepEqual(root.resource['acceptance.run'], { string: 'run-1' })
  assert.deepEqual(root.resource['service.name'], { string: 'stock' })
  assert.equal(children[0]?.events.length, 1)
  assert.equal(children[0]?.links.length, 1)
  assert.equal(simpleTrace({ ...mark, spans: 1 }).spans.length, 1)
  assert.throws(() => simpleTrace({ ...mark, spans: 0 }), RangeError)
})

test('batches hold every span once, in order', () => {
  const trace = simpleTrace({ ...mark, spans: 7 })
  for (const parts of [1, 2, 3, 7]) {
    const split = batches(trace, parts)
    assert.equal(split.length, parts)
    assert.ok(split.every(part => part.traceId === trace.traceId && part.spans.length >= Math.floor(7 / parts)))
    assert.deepEqual(
      split.flatMap(part => part.spans),
      trace.spans,
    )
  }
  assert.throws(() => batches(trace, 8), RangeError)
})

test('a query selects by mark, and quotes it', () => {
  assert.equal(markQuery({ run: 'r"1' }), '{ resource.acceptance.run = "r\\"1" }')
  assert.equal(markQuery(mark), '{ resource.acceptance.run = "run-1" && resource.acceptance.scenario = "a scenario" }')
})
