import { z } from 'zod'
import type { Attributes, AttributeValue, Span, SpanEvent, SpanLink, Trace } from '../traces/trace.ts'
import { spanKinds, statusCodes } from '../traces/trace.ts'

/**
 * A trace as Tempo answers it in JSON: protobuf's JSON mapping of `tempopb.Trace`, which differs from OTLP's own in that
 * ids are base64 and enums are names. `/api/traces` names the list `batches`, `/api/v2/traces` and the querier name it
 * `resourceSpans` and put it below `trace`. Fields of their zero value are left out.
 */
const int64 = z.union([z.string().regex(/^-?\d+$/), z.int()]).transform(BigInt)
const base64 = z.string().transform(text => Buffer.from(text, 'base64'))
const count = z.int().nonnegative().default(0)
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)])

type JsonValue =
  | z.infer<typeof oneValue>
  | { arrayValue: { values: JsonValue[] } }
  | { kvlistValue: { values: JsonPair[] } }
interface JsonPair {
  key: string
  value: JsonValue
}
const oneValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: int64 }),
  z.strictObject({ doubleValue: double }),
  z.strictObject({ bytesValue: base64 }),
])
const anyValue: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([
    oneValue,
    z.strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue).default([]) }) }),
    z.strictObject({ kvlistValue: z.strictObject({ values: z.array(pair).default([]) }) }),
  ]),
)
const pair: z.ZodType<JsonPair> = z.lazy(() => z.strictObject({ key: z.string().default(''), value: anyValue }))
const pairs = z.array(pair).default([])

const event = z.object({
  timeUnixNano: int64.default(0n),
  name: z.string().default(''),
  attributes: pairs,
  droppedAttributesCount: count,
})
const link = z.object({
  traceId: base64,
  spanId: base64,
  traceState: z.string().default(''),
  attributes: pairs,
  droppedAttributesCount: count,
})
const span = z.object({
  traceId: base64,
  spanId: base64,
  parentSpanId: base64.optional(),
  traceState: z.string().default(''),
  name: z.string().default(''),
  kind: z.enum(spanKinds.map(kind => `SPAN_KIND_${kind.toUpperCase()}`)).default('SPAN_KIND_UNSPECIFIED'),
  startTimeUnixNano: int64.default(0n),
  endTimeUnixNano: int64.default(0n),
  status: z
    .object({
      code: z.enum(statusCodes.map(code => `STATUS_CODE_${code.toUpperCase()}`)).default('STATUS_CODE_UNSET'),
      message: z.string().default(''),
    })
    .default({ code: 'STATUS_CODE_UNSET', message: '' }),
  attributes: pairs,
  events: z.array(event).default([]),
  links: z.array(link).default([]),
  droppedAttributesCount: count,
  droppedEventsCount: count,
  droppedLinksCount: count,
})
const scopeSpans = z.object({
  scope: z.object({ name: z.string().default(''), version: z.string().default(''), attributes: pairs }).optional(),
  spans: z.array(span).default([]),
})
const resourceSpans = z.object({
  resource: z.object({ attributes: pairs }).optional(),
  scopeSpans: z.array(scopeSpans).default([]),
})
/** Strict, as an answer of another kind would else pass for a trace without spans. */
const trace = z.strictObject({
  batches: z.array(resourceSpans).optional(),
  resourceSpans: z.array(resourceSpans).optional(),
})
const traceAnswer = z.union([z.object({ trace }).transform(answer => answer.trace), trace])

/**
 * The spans as they come: nothing is merged, so a span that is stored twice is there twice. Undefined where there are none.
 * @throws SyntaxError or ZodError where the text is no such trace
 */
export function parseTempoTrace(json: unknown): Trace | undefined {
  const parsed = traceAnswer.parse(json)
  const found = (parsed.batches ?? parsed.resourceSpans ?? []).flatMap(batch => {
    const resource = attributesOf(batch.resource?.attributes ?? [])
    return batch.scopeSpans.flatMap(({ scope, spans }) => {
      const ofScope = {
        name: scope?.name ?? '',
        version: scope?.version ?? '',
        attributes: attributesOf(scope?.attributes ?? []),
      }
      return spans.map(found => ({ traceId: found.traceId.toString('hex'), span: spanOf(found, resource, ofScope) }))
    })
  })
  const ids = [...new Set(found.map(({ traceId }) => traceId))]
  if (ids[0] === undefined) return undefined
  if (ids.length > 1) throw new SyntaxError(`one trace was asked for, spans of ${ids.length} came: ${ids.join(', ')}`)
  return { traceId: ids[0], spans: found.map(({ span }) => span) }
}

function spanOf(found: z.infer<typeof span>, resource: Attributes, scope: Span['scope']): Span {
  return {
    spanId: found.spanId.toString('hex'),
    parentSpanId: found.parentSpanId?.toString('hex') ?? '',
    traceState: found.traceState,
    name: found.name,
    kind: spanKinds.find(kind => found.kind === `SPAN_KIND_${kind.toUpperCase()}`) ?? 'unspecified',
    start: found.startTimeUnixNano,
    end: found.endTimeUnixNano,
    status: {
      code: statusCodes.find(code => found.status.code === `STATUS_CODE_${code.toUpperCase()}`) ?? 'unset',
      message: found.status.message,
    },
    attributes: attributesOf(found.attributes),
    events: found.events.map(eventOf),
    links: found.links.map(linkOf),
    droppedAttributes: found.droppedAttributesCount,
    droppedEvents: found.droppedEventsCount,
    droppedLinks: found.droppedLinksCount,
    resource,
    scope,
  }
}

function eventOf(found: z.infer<typeof event>): SpanEvent {
  return {
    name: found.name,
    time: found.timeUnixNano,
    attributes: attributesOf(found.attributes),
    droppedAttributes: found.droppedAttributesCount,
  }
}

function linkOf(found: z.infer<typeof link>): SpanLink {
  return {
    traceId: found.traceId.toString('hex'),
    spanId: found.spanId.toString('hex'),
    traceState: found.traceState,
    attributes: attributesOf(found.attributes),
    droppedAttributes: found.droppedAttributesCount,
  }
}

function attributesOf(found: readonly JsonPair[]): Attributes {
  return collectAttributes(found.map(({ key, value }) => [key, attributeValue(value)]))
}

/** Attributes by key; a key that is there again gets a name of its own, so that a doubled attribute is seen. */
export function collectAttributes(found: readonly (readonly [string, AttributeValue])[]): Attributes {
  const attributes: Record<string, AttributeValue> = {}
  for (const [key, value] of found) attributes[key in attributes ? `${key} (once more)` : key] = value
  return attributes
}

function attributeValue(value: JsonValue): AttributeValue {
  if ('stringValue' in value) return { string: value.stringValue }
  if ('boolValue' in value) return { bool: value.boolValue }
  if ('intValue' in value) return { int: value.intValue }
  if ('doubleValue' in value) return { double: value.doubleValue }
  if ('bytesValue' in value) return { bytes: value.bytesValue }
  if ('arrayValue' in value) return { array: value.arrayValue.values.map(attributeValue) }
  return { map: attributesOf(value.kvlistValue.values) }
}

/** One attribute value in the JSON that Tempo writes; blocks hold values in it for which they have no column. */
export function parseTempoValue(json: unknown): AttributeValue {
  return attributeValue(anyValue.parse(json))
}
