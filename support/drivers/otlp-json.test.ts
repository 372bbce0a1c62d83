import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainSpan } from '../traces/simple-trace.ts'
import type { AttributeValue } from '../traces/trace.ts'
import { encodeJson } from './otlp-json.ts'
import { parseTempoTrace } from './tempo-json.ts'

const traceId = '0123456789abcdef0123456789abcdef'

test('ids are hexadecimal, times and integers strings, bytes base64', () => {
  const attributes = {
    greatest: { int: 2n ** 63n - 1n },
    bytes: { bytes: Uint8Array.of(255, 0) },
    whole: { double: 3 },
    none: { double: Number.NaN },
    endless: { double: Number.NEGATIVE_INFINITY },
    list: { array: [{ int: 1n }, { map: { k: { bool: true } } }] },
  }
  const span = plainSpan({
    name: 'x',
    kind: 'consumer',
    start: 2n ** 60n + 1n,
    end: 2n ** 60n + 2n,
    resource: {},
    attributes,
  })
  const { resourceSpans } = JSON.parse(encodeJson({ traceId, spans: [span] }))
  const sent = resourceSpans[0].scopeSpans[0].spans[0]
  assert.deepEqual([sent.traceId, sent.spanId, sent.kind], [traceId, span.spanId, 5])
  assert.equal(sent.startTimeUnixNano, '1152921504606846977')
  assert.deepEqual(sent.attributes, [
    { key: 'greatest', value: { intValue: '9223372036854775807' } },
    { key: 'bytes', value: { bytesValue: '/wA=' } },
    { key: 'whole', value: { doubleValue: 3 } },
    { key: 'none', value: { doubleValue: 'NaN' } },
    { key: 'endless', value: { doubleValue: '-Infinity' } },
    {
      key: 'list',
      value: {
        arrayValue: {
          values: [{ intValue: '1' }, { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }],
        },
      },
    },
  ])
})

test('spans of one resource and scope travel together', () => {
  const resource = {}
  const spans = ['a', 'b'].map(name => plainSpan({ name, start: 1n, end: 2n, resource }))
  const other = plainSpan({ name: 'c', start: 1n, end: 2n, resource: { 'service.name': { string: 'other' } } })
  const { resourceSpans } = JSON.parse(encodeJson({ traceId, spans: [...spans, other] }))
  const shape = resourceSpans.map((group: { scopeSpans: { spans: unknown[] }[] }) =>
    group.scopeSpans.map(({ spans }) => spans.length),
  )
  assert.deepEqual(shape, [[2], [1]])
})

const answers: readonly [string, object, AttributeValue][] = [
  ['an integer of 64 bits', { intValue: '9223372036854775807' }, { int: 2n ** 63n - 1n }],
  ['a double without a fraction', { doubleValue: 3 }, { double: 3 }],
  ['not a number', { doubleValue: 'NaN' }, { double: Number.NaN }],
  ['an empty string', { stringValue: '' }, { string: '' }],
  ['no bytes', { bytesValue: '' }, { bytes: Buffer.alloc(0) }],
  ['an empty list', { arrayValue: {} }, { array: [] }],
  ['an empty map', { kvlistValue: {} }, { map: {} }],
]
for (const [what, value, expected] of answers) {
  test(`Tempo's ${what} is read as it is`, () => {
    const span = {
      traceId: 'AAAAAAAAAAAAAAAAAAAAAQ==',
      spanId: 'AAAAAAAAAAE=',
      attributes: [
        { key: 'a', value },
        { key: 'a', value },
      ],
    }
    const stored = parseTempoTrace({ batches: [{ scopeSpans: [{ spans: [span] }] }] })?.spans[0]
    assert.deepEqual(stored?.attributes, { a: expected, 'a (once more)': expected })
    assert.deepEqual(
      [stored?.spanId, stored?.parentSpanId, stored?.kind, stored?.start],
      ['0000000000000001', '', 'unspecified', 0n],
    )
  })
}

test('spans of several traces are no answer to a question for one', () => {
  const span = (traceId: string) => ({ traceId, spanId: 'AAAAAAAAAAE=' })
  const mixed = {
    batches: [{ scopeSpans: [{ spans: [span('AAAAAAAAAAAAAAAAAAAAAQ=='), span('AAAAAAAAAAAAAAAAAAAAAg==')] }] }],
  }
  assert.throws(() => parseTempoTrace(mixed), /spans of 2 came/)
  assert.equal(parseTempoTrace({ trace: {} }), undefined)
})
