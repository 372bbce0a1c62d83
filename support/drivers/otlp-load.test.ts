import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanLoad } from './otlp-load.ts'
import { encodeProtobuf } from './otlp-protobuf.ts'

const mark = { run: 'r', scenario: 's' }

test('each push holds fresh traces, and says which', async () => {
  const load = new SpanLoad({ ...mark, spans: 12, spansPerTrace: 4 })
  const ids = new Set<string>()
  for (let push = 0; push < 5; push++) {
    const batch = await load.next()
    const traces = batch.traces()
    assert.deepEqual(
      traces.map(({ spans }) => spans.length),
      [4, 4, 4],
    )
    for (const { traceId } of traces) ids.add(traceId)
    assert.deepEqual(
      Buffer.from(batch.body),
      Buffer.from(await encodeProtobuf(...traces)),
      'it is encoded as if made anew',
    )
  }
  assert.equal(ids.size, 15)
})

test('spans that are no whole number of traces are refused', () => {
  assert.throws(() => new SpanLoad({ ...mark, spans: 10, spansPerTrace: 4 }), RangeError)
})
