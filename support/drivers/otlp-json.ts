import type { Attributes, AttributeValue, Span, Trace } from '../traces/trace.ts'
import { spanKinds, statusCodes } from '../traces/trace.ts'
import { groupSpans } from './otlp-grouping.ts'

/**
 * An ExportTraceServiceRequest in OTLP's JSON encoding: ids in hexadecimal, 64-bit integers as decimal strings, bytes in
 * base64, enums as numbers, and not-a-number and infinities as strings (OTLP specification, "JSON Protobuf Encoding").
 */
export function encodeJson(trace: Trace): string {
  return JSON.stringify({
    resourceSpans: groupSpans(trace.spans).map(({ resource, scopes }) => ({
      resource: { attributes: keyValues(resource) },
      scopeSpans: scopes.map(({ scope, spans }) => ({
        scope: { name: scope.name, version: scope.version, attributes: keyValues(scope.attributes) },
        spans: spans.map(span => spanOf(trace.traceId, span)),
      })),
    })),
  })
}

function spanOf(traceId: string, span: Span): object {
  return {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: span.traceState,
    name: span.name,
    kind: spanKinds.indexOf(span.kind),
    startTimeUnixNano: String(span.start),
    endTimeUnixNano: String(span.end),
    status: { code: statusCodes.indexOf(span.status.code), message: span.status.message },
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributes,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: span.droppedLinks,
    events: span.events.map(event => ({
      name: event.name,
      timeUnixNano: String(event.time),
      attributes: keyValues(event.attributes),
      droppedAttributesCount: event.droppedAttributes,
    })),
    links: span.links.map(link => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: keyValues(link.attributes),
      droppedAttributesCount: link.droppedAttributes,
    })),
  }
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: AttributeValue): object {
  if ('string' in value) return { stringValue: value.string }
  if ('bool' in value) return { boolValue: value.bool }
  if ('int' in value) return { intValue: String(value.int) }
  if ('double' in value) return { doubleValue: jsonDouble(value.double) }
  if ('bytes' in value) return { bytesValue: Buffer.from(value.bytes).toString('base64') }
  if ('array' in value) return { arrayValue: { values: value.array.map(anyValue) } }
  return { kvlistValue: { values: keyValues(value.map) } }
}

/** JSON has no form for these; protobuf's JSON mapping writes them as strings. */
function jsonDouble(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  return Object.is(value, -0) ? '-0' : value
}
