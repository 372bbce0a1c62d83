import type { HrTime, Link, Attributes as OtelAttributes, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { inexpressibleInProtobuf } from '../traces/encoding.ts'
import type { Attributes, AttributeValue, Span, Trace } from '../traces/trace.ts'
import { spanKinds, statusCodes } from '../traces/trace.ts'
import { groupSpans } from './otlp-grouping.ts'

/**
 * An ExportTraceServiceRequest in protobuf, made by OpenTelemetry's own encoder, as an instrumented program would send it.
 * @throws RangeError for a value that the encoder would change, see `inexpressibleInProtobuf`
 */
export async function encodeProtobuf(...traces: readonly Trace[]): Promise<Uint8Array> {
  const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer')
  const bytes = ProtobufTraceSerializer.serializeRequest(traces.flatMap(readableSpans))
  if (bytes === undefined) throw new TypeError('the OpenTelemetry encoder gave nothing for a trace')
  return bytes
}

/** What the receiver says of a push that it acknowledged but did not take whole; undefined where it took everything. */
export async function partialSuccess(response: Uint8Array): Promise<string | undefined> {
  const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer')
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(response)
  return describePartialSuccess(Number(partialSuccess?.rejectedSpans ?? 0), partialSuccess?.errorMessage ?? '')
}

export function describePartialSuccess(rejectedSpans: number, message: string): string | undefined {
  if (rejectedSpans === 0 && message === '') return undefined
  return `${rejectedSpans} spans rejected: ${message || 'no reason given'}`
}

/** Spans in the shape of OpenTelemetry's SDK. Its encoder groups by identity of resource and scope, so these are shared. */
export function readableSpans(trace: Trace): ReadableSpan[] {
  return groupSpans(trace.spans).flatMap(({ resource, scopes }) => {
    const ofResource: ReadableSpan['resource'] = {
      attributes: otelAttributes(resource),
      merge: () => ofResource,
      getRawAttributes: () => [],
    }
    return scopes.flatMap(({ scope, spans }) => {
      const ofScope = { name: scope.name, version: scope.version, attributes: otelAttributes(scope.attributes) }
      return spans.map(span => readableSpan(trace.traceId, span, ofResource, ofScope))
    })
  })
}

function readableSpan(
  traceId: string,
  span: Span,
  resource: ReadableSpan['resource'],
  instrumentationScope: ReadableSpan['instrumentationScope'],
): ReadableSpan {
  const parent = span.parentSpanId === '' ? {} : { parentSpanContext: contextOf(traceId, span.parentSpanId, '') }
  return {
    name: span.name,
    kind: spanKinds.indexOf(span.kind) - 1,
    spanContext: () => contextOf(traceId, span.spanId, span.traceState),
    ...parent,
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    ended: true,
    status: { code: statusCodes.indexOf(span.status.code), message: span.status.message },
    attributes: otelAttributes(span.attributes),
    events: span.events.map(event => ({
      name: event.name,
      time: hrTime(event.time),
      attributes: otelAttributes(event.attributes),
      droppedAttributesCount: event.droppedAttributes,
    })),
    links: span.links.map(
      (link): Link => ({
        context: contextOf(link.traceId, link.spanId, link.traceState),
        attributes: otelAttributes(link.attributes),
        droppedAttributesCount: link.droppedAttributes,
      }),
    ),
    droppedAttributesCount: span.droppedAttributes,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: span.droppedLinks,
    resource,
    instrumentationScope,
  }
}

function contextOf(traceId: string, spanId: string, traceState: string): SpanContext {
  const state = { get: () => undefined, set: () => state, unset: () => state, serialize: () => traceState }
  return { traceId, spanId, traceFlags: 1, ...(traceState === '' ? {} : { traceState: state }) }
}

function hrTime(nanoseconds: bigint): HrTime {
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)]
}

function otelAttributes(attributes: Attributes): OtelAttributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, otelValue(value)]))
}

function otelValue(value: AttributeValue): OtelAttributes[string] {
  const reason = inexpressibleInProtobuf(value)
  if (reason !== undefined) throw new RangeError(`${reason}; send it as HTTP JSON`)
  if ('string' in value) return value.string
  if ('bool' in value) return value.bool
  if ('int' in value) return Number(value.int)
  if ('double' in value) return value.double
  if ('bytes' in value) return value.bytes
  if ('array' in value) return value.array.map(otelValue)
  return otelAttributes(value.map)
}
