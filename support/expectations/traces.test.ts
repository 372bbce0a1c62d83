import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { pairwiseTraces } from '../traces/pairwise-traces.ts'
import { plainSpan, simpleTrace } from '../traces/simple-trace.ts'
import type { AttributeValue, Span, Trace } from '../traces/trace.ts'
import { noSuchTrace, sameTrace, wholeTrace } from './traces.ts'

const sent = simpleTrace({ run: 'r', scenario: 's', spans: 4 })
const [root, first, second] = sent.spans as [Span, Span, Span, Span]

/** The trace as it would be stored with one of its spans changed. */
function changed(name: string, change: (span: Span) => Partial<Span>): Trace {
  return { ...sent, spans: sent.spans.map(span => (span.name === name ? { ...span, ...change(span) } : span)) }
}

function fault(stored: Trace | undefined, expectation: (stored: Trace | undefined) => void = wholeTrace(sent)): string {
  try {
    expectation(stored)
  } catch (error) {
    assert.ok(error instanceof Unmet, String(error))
    return error.message
  }
  return 'accepted'
}

test('the same trace is accepted in any order, also when every feature is in it', () => {
  wholeTrace(sent)({ ...sent, spans: sent.spans.toReversed() })
  for (const { trace } of pairwiseTraces({ run: 'r', scenario: 's', seed: 3 })) {
    const reversed = (attributes: Span['attributes']) => Object.fromEntries(Object.entries(attributes).toReversed())
    const copy = structuredClone(trace.spans).map(span => ({ ...span, attributes: reversed(span.attributes) }))
    wholeTrace(trace)({ ...trace, spans: copy.toReversed() })
  }
})

test('what is missing, doubled or foreign is named', () => {
  assert.equal(fault(undefined), `no such trace: ${sent.traceId}`)
  assert.equal(
    fault({ ...sent, spans: sent.spans.filter(span => span !== second) }),
    `3 of 4 spans; missing child-2 (${second.spanId})`,
  )
  assert.equal(fault({ ...sent, spans: [...sent.spans, first] }), `span child-1 (${first.spanId}) is there 2 times`)
  const foreign = plainSpan({ name: 'stranger', start: 1n, end: 2n, resource: {} })
  assert.equal(
    fault({ ...sent, spans: [...sent.spans, foreign] }),
    `1 spans that were not sent: stranger (${foreign.spanId})`,
  )
  assert.match(fault({ ...sent, traceId: 'f'.repeat(32) }), /^trace id: sent .*, stored f+$/)
  assert.match(fault({ ...sent, spans: [] }), /^0 of 4 spans; missing .* and 1 more$/)
})

const mutations: readonly [string, (span: Span) => Partial<Span>, string][] = [
  [
    'another parent',
    () => ({ parentSpanId: second.spanId }),
    `parent: sent "${root.spanId}", stored "${second.spanId}"`,
  ],
  ['no parent', () => ({ parentSpanId: '' }), `parent: sent "${root.spanId}", stored "none"`],
  [
    'a start 1 ns later',
    span => ({ start: span.start + 1n }),
    `start: sent ${first.start}, stored ${first.start + 1n} (1 ns later)`,
  ],
  [
    'an end 1 ns earlier',
    span => ({ end: span.end - 1n }),
    `end: sent ${first.end}, stored ${first.end - 1n} (1 ns earlier)`,
  ],
  ['another kind', () => ({ kind: 'server' }), 'kind: sent "client", stored "server"'],
  ['another status', span => ({ status: { ...span.status, code: 'ok' } }), 'status: sent "error", stored "ok"'],
  [
    'no status message',
    span => ({ status: { ...span.status, message: '' } }),
    'status message: sent "card declined, asked again", stored ""',
  ],
  ['another trace state', () => ({ traceState: 'a=b' }), 'trace state: sent "", stored "a=b"'],
  ['a dropped attribute', () => ({ droppedAttributes: 1 }), 'dropped attributes: sent 0, stored 1'],
  ['a dropped event', () => ({ droppedEvents: 1 }), 'dropped events: sent 0, stored 1'],
  ['a dropped link', () => ({ droppedLinks: 1 }), 'dropped links: sent 0, stored 1'],
  [
    'an attribute of another type',
    span => ({ attributes: { ...span.attributes, 'attempt.number': { string: '1' } } }),
    'attribute attempt.number: sent int 1, stored string "1"',
  ],
  [
    'an attribute less',
    span => ({ attributes: { 'peer.service': span.attributes['peer.service'] ?? { int: 0n } } }),
    'attribute attempt.number: sent int 1, stored none',
  ],
  [
    'an attribute more',
    span => ({ attributes: { ...span.attributes, extra: { bool: false } } }),
    'attribute extra: sent none, stored bool false',
  ],
  ['no event', () => ({ events: [] }), 'number of events: sent 1, stored 0'],
  [
    'another name of an event',
    span => ({ events: span.events.map(event => ({ ...event, name: 'x' })) }),
    'name of event 1: sent "exception", stored "x"',
  ],
  [
    'an event 1 ns later',
    span => ({ events: span.events.map(event => ({ ...event, time: event.time + 1n })) }),
    '(1 ns later)',
  ],
  [
    'another attribute of an event',
    span => ({ events: span.events.map(event => ({ ...event, attributes: {} })) }),
    'attribute of event 1 exception.type: sent string "CardDeclined", stored none',
  ],
  [
    'another dropped count of an event',
    span => ({ events: span.events.map(event => ({ ...event, droppedAttributes: 2 })) }),
    'dropped attributes of event 1: sent 0, stored 2',
  ],
  ['no link', () => ({ links: [] }), 'number of links: sent 1, stored 0'],
  [
    'another trace of a link',
    span => ({ links: span.links.map(link => ({ ...link, traceId: '1'.repeat(32) })) }),
    'trace id of link 1',
  ],
  [
    'another span of a link',
    span => ({ links: span.links.map(link => ({ ...link, spanId: '1'.repeat(16) })) }),
    'span id of link 1',
  ],
  [
    'another trace state of a link',
    span => ({ links: span.links.map(link => ({ ...link, traceState: 'a=b' })) }),
    'trace state of link 1',
  ],
  [
    'another attribute of a link',
    span => ({ links: span.links.map(link => ({ ...link, attributes: {} })) }),
    'attribute of link 1 link.reason',
  ],
  [
    'another dropped count of a link',
    span => ({ links: span.links.map(link => ({ ...link, droppedAttributes: 2 })) }),
    'dropped attributes of link 1',
  ],
  [
    'another resource',
    span => ({ resource: { ...span.resource, 'service.name': { string: 'x' } } }),
    'resource attribute service.name: sent string "checkout", stored string "x"',
  ],
  ['another scope', span => ({ scope: { ...span.scope, name: 'x' } }), 'scope: sent "acceptance", stored "x"'],
  [
    'another version of the scope',
    span => ({ scope: { ...span.scope, version: '' } }),
    'scope version: sent "1.0.0", stored ""',
  ],
  [
    'an attribute of the scope',
    span => ({ scope: { ...span.scope, attributes: { a: { int: 1n } } } }),
    'scope attribute a: sent none, stored int 1',
  ],
]
for (const [what, change, expected] of mutations) {
  test(`${what} is seen`, () => {
    const message = fault(changed('child-1', change))
    assert.ok(message.startsWith(`span child-1 (${first.spanId}): `), message)
    assert.ok(message.includes(expected), message)
  })
}

test('another name is seen', () => {
  assert.equal(
    fault(changed('child-1', () => ({ name: 'x' }))),
    `span child-1 (${first.spanId}): name: sent "child-1", stored "x"`,
  )
})

const values: readonly AttributeValue[] = [
  { string: '1' },
  { string: '' },
  { bool: true },
  { bool: false },
  { int: 1n },
  { int: 0n },
  { int: 2n ** 53n },
  { int: 2n ** 53n + 1n },
  { double: 1 },
  { double: 0 },
  { double: -0 },
  { double: Number.NaN },
  { double: Number.POSITIVE_INFINITY },
  { bytes: Uint8Array.of(1) },
  { bytes: Uint8Array.of(1, 0) },
  { bytes: new Uint8Array() },
  { array: [] },
  { array: [{ int: 1n }] },
  { array: [{ double: 1 }] },
  { array: [{ int: 1n }, { int: 1n }] },
  { array: [{ array: [] }] },
  { map: {} },
  { map: { a: { int: 1n } } },
  { map: { a: { string: '1' } } },
  { map: { a: { int: 1n }, b: { int: 1n } } },
]

test('any two different values differ, and each equals its copy', () => {
  const holding = (value: AttributeValue) => ({ traceId: sent.traceId, spans: [{ ...root, attributes: { value } }] })
  for (const [index, one] of values.entries()) {
    for (const [other, value] of values.entries()) {
      const message = fault(holding(structuredClone(value)), wholeTrace(holding(one)))
      assert.equal(message === 'accepted', index === other, `${index} ${other}: ${message}`)
    }
  }
})

test('only the first few differences are told, with a count of the rest', () => {
  const message = fault({ ...sent, spans: sent.spans.map(span => ({ ...span, start: 0n, end: 0n, name: 'x' })) })
  assert.equal(message.split('\n').length, 6)
  assert.match(message, /\nand 7 more differences$/)
  const long = fault(changed('child-1', () => ({ attributes: { a: { string: 'x'.repeat(2048) } } })))
  assert.ok(long.length < 600)
  assert.match(long, /of 2048 characters/)
})

test('a later answer is compared with the earlier one', () => {
  sameTrace(sent)(structuredClone(sent))
  assert.equal(
    fault(
      changed('child-1', () => ({ traceState: 'x=y' })),
      sameTrace(sent),
    ),
    `span child-1 (${first.spanId}): trace state: before "", now "x=y"`,
  )
})

test('an absence is accepted only where nothing is', () => {
  noSuchTrace(undefined)
  assert.match(fault(sent, noSuchTrace), /^trace .* is there, with 4 spans$/)
})

test('a trace without spans proves nothing', () => {
  assert.throws(() => wholeTrace({ ...sent, spans: [] }), RangeError)
})
