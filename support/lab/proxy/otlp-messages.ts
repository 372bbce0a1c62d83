import protobuf from 'protobufjs'

const list = (type: string, id: number) => ({ rule: 'repeated', type, id })
const one = (type: string, id: number) => ({ type, id })

/** The fields of opentelemetry/proto/{trace,common,resource}/v1, by their numbers there. What is not named is not kept. */
const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: list('ResourceSpans', 1) } },
    ExportTraceServiceResponse: { fields: { partialSuccess: one('ExportTracePartialSuccess', 1) } },
    ExportTracePartialSuccess: { fields: { rejectedSpans: one('int64', 1), errorMessage: one('string', 2) } },
    ResourceSpans: {
      fields: { resource: one('Resource', 1), scopeSpans: list('ScopeSpans', 2), schemaUrl: one('string', 3) },
    },
    ScopeSpans: { fields: { scope: one('Scope', 1), spans: list('Span', 2), schemaUrl: one('string', 3) } },
    Resource: { fields: { attributes: list('KeyValue', 1), droppedAttributesCount: one('uint32', 2) } },
    Scope: {
      fields: {
        name: one('string', 1),
        version: one('string', 2),
        attributes: list('KeyValue', 3),
        droppedAttributesCount: one('uint32', 4),
      },
    },
    Span: {
      fields: {
        traceId: one('bytes', 1),
        spanId: one('bytes', 2),
        traceState: one('string', 3),
        parentSpanId: one('bytes', 4),
        name: one('string', 5),
        kind: one('int32', 6),
        startTimeUnixNano: one('fixed64', 7),
        endTimeUnixNano: one('fixed64', 8),
        attributes: list('KeyValue', 9),
        droppedAttributesCount: one('uint32', 10),
        events: list('Event', 11),
        droppedEventsCount: one('uint32', 12),
        links: list('Link', 13),
        droppedLinksCount: one('uint32', 14),
        status: one('Status', 15),
        flags: one('fixed32', 16),
      },
    },
    Event: {
      fields: {
        timeUnixNano: one('fixed64', 1),
        name: one('string', 2),
        attributes: list('KeyValue', 3),
        droppedAttributesCount: one('uint32', 4),
      },
    },
    Link: {
      fields: {
        traceId: one('bytes', 1),
        spanId: one('bytes', 2),
        traceState: one('string', 3),
        attributes: list('KeyValue', 4),
        droppedAttributesCount: one('uint32', 5),
        flags: one('fixed32', 6),
      },
    },
    Status: { fields: { message: one('string', 2), code: one('int32', 3) } },
    KeyValue: { fields: { key: one('string', 1), value: one('AnyValue', 2) } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
      fields: {
        stringValue: one('string', 1),
        boolValue: one('bool', 2),
        intValue: one('int64', 3),
        doubleValue: one('double', 4),
        arrayValue: one('ArrayValue', 5),
        kvlistValue: one('KeyValueList', 6),
        bytesValue: one('bytes', 7),
      },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValueList: { fields: { values: list('KeyValue', 1) } },
  },
})

/** opentelemetry/proto/collector/trace/v1/trace_service.proto. */
export const exportTraceServiceRequest = root.lookupType('ExportTraceServiceRequest')
export const exportTraceServiceResponse = root.lookupType('ExportTraceServiceResponse')
