import type { Encoding } from './encoding.ts'
import { newSpanId, newTraceId, nowNanoseconds } from './identity.ts'
import { pairwise } from './pairwise.ts'
import { type Mark, markAttributes, plainSpan } from './simple-trace.ts'
import { exclusions, type FeatureRow, features } from './span-features.ts'
import type { Attributes, Scope, Span, SpanEvent, SpanLink, Trace } from './trace.ts'

export interface PairwiseOptions extends Mark {
  /** Decides which features meet in which trace; tell it, so that the same can be sent again. */
  readonly seed: number
  /** Tempo's `distributor.max_attribute_bytes`. */
  readonly maxAttributeBytes?: number
}

export interface PairwiseTrace {
  readonly trace: Trace
  readonly encoding: Encoding
  /** `HTTP JSON, value: bytes, place: link, kind: server, ...`: what is in it, for people. */
  readonly description: string
}

/** Traces in which every two features of a span meet at least once, but for those that `exclusions` names. */
export function pairwiseTraces(options: PairwiseOptions): PairwiseTrace[] {
  const rows = pairwise(features, row => exclusions.some(({ excludes }) => excludes(row)), options.seed)
  return rows.map(row => ({ trace: traceOf(row, options), encoding: row.encoding, description: describe(row) }))
}

function describe({ encoding, ...row }: FeatureRow): string {
  return [encoding, ...Object.entries(row).map(([factor, level]) => `${factor}: ${level}`)].join(', ')
}

function traceOf(row: FeatureRow, options: PairwiseOptions): Trace {
  const attributes = valuesOf(row.value, options.maxAttributeBytes ?? 2048)
  const at = (place: FeatureRow['place']): Attributes => (row.place === place ? attributes : {})
  const scope: Scope = { name: 'acceptance', version: '1.0.0', attributes: at('scope') }
  const resourceOf = (service: string): Attributes => ({
    'service.name': { string: service },
    ...markAttributes(options),
    ...at('resource'),
  })
  const services = row.services === 'one' ? [resourceOf('checkout')] : ['checkout', 'stock', 'mail'].map(resourceOf)
  const start = nowNanoseconds() - 2_000_000_123n
  const end = start + { zero: 0n, short: 1_000_000_001n, long: 86_400_000_000_007n }[row.duration]
  const dropped = row.dropped === 'none' ? 0 : 3
  const main = plainSpan({
    name: 'main',
    parentSpanId: row.parent === 'none' ? '' : newSpanId(),
    traceState: row.traceState === 'none' ? '' : 'vendor=opaque:1,other=2',
    kind: row.kind,
    status:
      row.status === 'error with a message'
        ? { code: 'error', message: 'déjà vu: 3 < 4 & "quoted"' }
        : { code: row.status, message: '' },
    start,
    end,
    attributes: at('span'),
    events: eventsOf(row.events, start, end, at('event'), dropped),
    links: linksOf(row.links, at('link'), dropped),
    droppedAttributes: dropped,
    droppedEvents: dropped,
    droppedLinks: dropped,
    scope,
    resource: services[0] ?? {},
  })
  return { traceId: newTraceId(), spans: [main, ...childrenOf(row.children, main, services)] }
}

function childrenOf(children: FeatureRow['children'], main: Span, services: readonly Attributes[]): Span[] {
  const count = { none: 0, one: 1, many: 12, 'a deep chain': 12 }[children]
  const spans: Span[] = []
  for (let index = 0; index < count; index++) {
    const above = children === 'a deep chain' ? spans[index - 1]?.spanId : undefined
    spans.push(
      plainSpan({
        name: `child-${index + 1}`,
        parentSpanId: above ?? main.spanId,
        start: main.start + BigInt(index),
        end: main.start + BigInt(index) + 1n,
        scope: main.scope,
        resource: services[(index + 1) % services.length] ?? main.resource,
      }),
    )
  }
  return spans
}

function eventsOf(
  events: FeatureRow['events'],
  start: bigint,
  end: bigint,
  attributes: Attributes,
  dropped: number,
): SpanEvent[] {
  const plain: SpanEvent = { name: 'first', time: start, attributes, droppedAttributes: dropped }
  if (events === 'none') return []
  if (events === 'one') return [plain]
  const exception = { 'exception.type': { string: 'Timeout' }, 'exception.escaped': { bool: true } }
  return [
    plain,
    { name: 'exception', time: start + (end - start) / 3n, attributes: exception, droppedAttributes: 0 },
    { name: '', time: end, attributes: {}, droppedAttributes: 0 },
    { name: 'after the end', time: end + 5n, attributes, droppedAttributes: 0 },
  ]
}

function linksOf(links: FeatureRow['links'], attributes: Attributes, dropped: number): SpanLink[] {
  const fresh = (traceState: string, own: Attributes): SpanLink => ({
    traceId: newTraceId(),
    spanId: newSpanId(),
    traceState,
    attributes: own,
    droppedAttributes: dropped,
  })
  if (links === 'none') return []
  if (links === 'one') return [fresh('', attributes)]
  return [fresh('vendor=linked', attributes), fresh('', {}), fresh('a=1', { 'link.order': { int: 3n } })]
}

/** All values of one class under telling names; `http.*` keys have columns of their own in a block for one type only. */
function valuesOf(value: FeatureRow['value'], maxAttributeBytes: number): Attributes {
  switch (value) {
    case 'string':
      return {
        plain: { string: 'value' },
        empty: { string: '' },
        unicode: { string: 'příliš žluťoučký 🐎 \u0000 \u2028 end' },
        'http.status_code': { string: '200' },
        'http.method': { string: 'GET' },
        'http.url': { string: '' },
        'k8s.pod.name': { string: 'checkout-0' },
        'key with spaces ☃': { string: 'x' },
      }
    case 'bool':
      return { yes: { bool: true }, no: { bool: false } }
    case 'int':
      return {
        zero: { int: 0n },
        one: { int: 1n },
        negative: { int: -1n },
        'http.status_code': { int: 503n },
        'http.method': { int: 7n },
        beyond32: { int: 2n ** 40n + 1n },
        least: { int: -(2n ** 63n) },
        exact: { int: 2n ** 53n - 1n },
      }
    case 'large int':
      return { greatest: { int: 2n ** 63n - 1n }, odd: { int: 2n ** 53n + 1n }, odder: { int: -(2n ** 62n) - 1n } }
    case 'double':
      return {
        tenth: { double: 0.1 },
        greatest: { double: Number.MAX_VALUE },
        least: { double: Number.MIN_VALUE },
        negative: { double: -1e-7 },
        endless: { double: Number.POSITIVE_INFINITY },
        none: { double: Number.NaN },
      }
    case 'whole double':
      return {
        three: { double: 3 },
        zero: { double: 0 },
        'negative zero': { double: -0 },
        'http.status_code': { double: 200 },
      }
    case 'bytes':
      return { bytes: { bytes: Uint8Array.of(0, 1, 0x7f, 0x80, 0xff) }, empty: { bytes: new Uint8Array() } }
    case 'array':
      return {
        strings: { array: [{ string: 'a' }, { string: '' }, { string: 'ž' }] },
        ints: { array: [{ int: 1n }, { int: -(2n ** 63n) }] },
        doubles: { array: [{ double: 0.5 }, { double: Number.MAX_VALUE }] },
        bools: { array: [{ bool: true }, { bool: false }] },
        mixed: { array: [{ string: 'a' }, { int: 1n }, { double: 0.5 }, { bool: true }] },
        nested: { array: [{ array: [{ int: 1n }] }, { map: { k: { string: 'v' } } }, { bytes: Uint8Array.of(1) }] },
        single: { array: [{ string: 'alone' }] },
        empty: { array: [] },
      }
    case 'map':
      return {
        map: {
          map: {
            k: { string: 'v' },
            n: { int: 5n },
            deep: { map: { d: { double: 0.5 }, b: { bytes: Uint8Array.of(9) } } },
          },
        },
        empty: { map: {} },
      }
    case 'at the limit':
      return {
        ascii: { string: 'x'.repeat(maxAttributeBytes) },
        unicode: {
          string: 'ž'.repeat(Math.floor(maxAttributeBytes / 2)).padEnd(Math.ceil(maxAttributeBytes / 2), '-'),
        },
        ['k'.repeat(maxAttributeBytes)]: { string: 'long key' },
      }
  }
}
