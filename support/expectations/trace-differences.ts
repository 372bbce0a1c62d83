import type { Attributes, AttributeValue, Span, Trace } from '../traces/trace.ts'

/** How the two traces that are compared are called in what a person reads. */
export interface Sides {
  /** Such as `sent`. */
  readonly expected: string
  /** Such as `stored`. */
  readonly actual: string
}

/** Everything in which a trace differs from the one it should be, one line each; empty where it is the same. */
export function traceDifferences(expected: Trace, actual: Trace, sides: Sides): string[] {
  const found = Map.groupBy(actual.spans, span => span.spanId)
  const wanted = new Map(expected.spans.map(span => [span.spanId, span]))
  const missing = expected.spans.filter(span => !found.has(span.spanId))
  const foreign = [...found.values()].flatMap(([span]) => (span === undefined || wanted.has(span.spanId) ? [] : [span]))
  const doubled = [...found.values()].filter(copies => copies.length > 1)
  const lines: string[] = []
  if (actual.traceId !== expected.traceId) {
    lines.push(`trace id: ${sides.expected} ${expected.traceId}, ${sides.actual} ${actual.traceId}`)
  }
  if (missing.length > 0) {
    const there = expected.spans.length - missing.length
    lines.push(`${there} of ${expected.spans.length} spans; missing ${several(missing)}`)
  }
  if (foreign.length > 0) lines.push(`${foreign.length} spans that were not ${sides.expected}: ${several(foreign)}`)
  for (const copies of doubled) lines.push(`span ${nameOf(copies[0])} is there ${copies.length} times`)
  for (const span of expected.spans) {
    const copies = found.get(span.spanId) ?? []
    const differing = copies.map(copy => spanDifferences(span, copy, sides)).find(differences => differences.length > 0)
    lines.push(...(differing ?? []).map(difference => `span ${nameOf(span)}: ${difference}`))
  }
  return lines
}

/** The first few lines, and how many more there are. */
export function firstFew(lines: readonly string[], few = 5): string {
  const more = lines.length - few
  return [...lines.slice(0, few), ...(more > 0 ? [`and ${more} more differences`] : [])].join('\n')
}

/** `child-2 (5d0a1b2c3d4e5f60)`. */
function nameOf(span: Span | undefined): string {
  return span === undefined ? 'unknown' : `${span.name || 'without a name'} (${span.spanId})`
}

function several(spans: readonly Span[]): string {
  const more = spans.length - 3
  return spans.slice(0, 3).map(nameOf).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function spanDifferences(expected: Span, actual: Span, sides: Sides): string[] {
  const scalar = (what: string, one: Scalar, other: Scalar) => scalarDifference(what, one, other, sides)
  const attributes = (what: string, one: Attributes, other: Attributes) => attributeDifferences(what, one, other, sides)
  return [
    ...scalar('parent', expected.parentSpanId || 'none', actual.parentSpanId || 'none'),
    ...scalar('name', expected.name, actual.name),
    ...scalar('kind', expected.kind, actual.kind),
    ...scalar('start', expected.start, actual.start),
    ...scalar('end', expected.end, actual.end),
    ...scalar('status', expected.status.code, actual.status.code),
    ...scalar('status message', expected.status.message, actual.status.message),
    ...scalar('trace state', expected.traceState, actual.traceState),
    ...scalar('dropped attributes', expected.droppedAttributes, actual.droppedAttributes),
    ...scalar('dropped events', expected.droppedEvents, actual.droppedEvents),
    ...scalar('dropped links', expected.droppedLinks, actual.droppedLinks),
    ...attributes('attribute', expected.attributes, actual.attributes),
    ...scalar('number of events', expected.events.length, actual.events.length),
    ...expected.events.flatMap((event, index) => {
      const other = actual.events[index]
      if (other === undefined) return []
      return [
        ...scalar(`name of event ${index + 1}`, event.name, other.name),
        ...scalar(`time of event ${index + 1}`, event.time, other.time),
        ...scalar(`dropped attributes of event ${index + 1}`, event.droppedAttributes, other.droppedAttributes),
        ...attributes(`attribute of event ${index + 1}`, event.attributes, other.attributes),
      ]
    }),
    ...scalar('number of links', expected.links.length, actual.links.length),
    ...expected.links.flatMap((link, index) => {
      const other = actual.links[index]
      if (other === undefined) return []
      return [
        ...scalar(`trace id of link ${index + 1}`, link.traceId, other.traceId),
        ...scalar(`span id of link ${index + 1}`, link.spanId, other.spanId),
        ...scalar(`trace state of link ${index + 1}`, link.traceState, other.traceState),
        ...scalar(`dropped attributes of link ${index + 1}`, link.droppedAttributes, other.droppedAttributes),
        ...attributes(`attribute of link ${index + 1}`, link.attributes, other.attributes),
      ]
    }),
    ...attributes('resource attribute', expected.resource, actual.resource),
    ...scalar('scope', expected.scope.name, actual.scope.name),
    ...scalar('scope version', expected.scope.version, actual.scope.version),
    ...attributes('scope attribute', expected.scope.attributes, actual.scope.attributes),
  ]
}

type Scalar = string | number | bigint

function scalarDifference(what: string, expected: Scalar, actual: Scalar, sides: Sides): string[] {
  if (expected === actual) return []
  return [`${what}: ${sides.expected} ${show(expected)}, ${sides.actual} ${show(actual)}${distance(expected, actual)}`]
}

/** How far apart two times are, when it is so little that nobody would see it in 19 digits. */
function distance(expected: Scalar, actual: Scalar): string {
  if (typeof expected !== 'bigint' || typeof actual !== 'bigint') return ''
  const apart = actual - expected
  return ` (${apart < 0n ? -apart : apart} ns ${apart < 0n ? 'earlier' : 'later'})`
}

function attributeDifferences(what: string, expected: Attributes, actual: Attributes, sides: Sides): string[] {
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...keys].flatMap(key => {
    const one = Object.hasOwn(expected, key) ? expected[key] : undefined
    const other = Object.hasOwn(actual, key) ? actual[key] : undefined
    if (one !== undefined && other !== undefined && sameValue(one, other)) return []
    return [`${what} ${shorten(key)}: ${sides.expected} ${describe(one)}, ${sides.actual} ${describe(other)}`]
  })
}

/** Of the same type and value, to the last bit. */
function sameValue(one: AttributeValue, other: AttributeValue): boolean {
  if ('string' in one) return 'string' in other && one.string === other.string
  if ('bool' in one) return 'bool' in other && one.bool === other.bool
  if ('int' in one) return 'int' in other && one.int === other.int
  if ('double' in one) return 'double' in other && Object.is(one.double, other.double)
  if ('bytes' in one) return 'bytes' in other && sameBytes(one.bytes, other.bytes)
  if ('array' in one) {
    if (!('array' in other) || one.array.length !== other.array.length) return false
    return one.array.every((value, index) => {
      const opposite = other.array[index]
      return opposite !== undefined && sameValue(value, opposite)
    })
  }
  if (!('map' in other)) return false
  return attributeDifferences('', one.map, other.map, { expected: '', actual: '' }).length === 0
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function describe(value: AttributeValue | undefined): string {
  if (value === undefined) return 'none'
  if ('string' in value) return `string ${show(value.string)}`
  if ('bool' in value) return `bool ${value.bool}`
  if ('int' in value) return `int ${value.int}`
  if ('double' in value) return `double ${Object.is(value.double, -0) ? '-0' : value.double}`
  if ('bytes' in value)
    return `bytes ${shorten([...value.bytes].map(byte => byte.toString(16).padStart(2, '0')).join('') || 'none')}`
  if ('array' in value) return `array [${shorten(value.array.map(describe).join(', '))}]`
  const pairs = Object.entries(value.map).map(([key, inner]) => `${key}: ${describe(inner)}`)
  return `map {${shorten(pairs.join(', '))}}`
}

function show(value: Scalar): string {
  if (typeof value !== 'string') return String(value)
  return value.length > 60 ? `${JSON.stringify(shorten(value))} of ${value.length} characters` : JSON.stringify(value)
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
