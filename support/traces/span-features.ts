import { encodings } from './encoding.ts'
import type { Row } from './pairwise.ts'
import { type AttributeValue, spanKinds, type Trace } from './trace.ts'

/** What a trace may consist of, as far as it may make a difference to a system that takes, keeps and answers it. */
export const features = {
  encoding: encodings,
  value: ['string', 'bool', 'int', 'large int', 'double', 'whole double', 'bytes', 'array', 'map', 'at the limit'],
  place: ['span', 'resource', 'scope', 'event', 'link'],
  kind: spanKinds,
  status: ['unset', 'ok', 'error with a message'],
  events: ['none', 'one', 'many'],
  links: ['none', 'one', 'many'],
  children: ['none', 'one', 'many', 'a deep chain'],
  parent: ['none', 'remote'],
  services: ['one', 'several'],
  duration: ['zero', 'short', 'long'],
  traceState: ['none', 'some'],
  dropped: ['none', 'some'],
} as const

export type FeatureRow = Row<typeof features>

/** What cannot stand together, and why; the only combinations that `pairwiseTraces` leaves out. */
export const exclusions: readonly {
  readonly reason: string
  readonly excludes: (row: Partial<FeatureRow>) => boolean
}[] = [
  {
    reason: 'OpenTelemetry’s JavaScript protobuf encoder has one kind of number, see inexpressibleInProtobuf',
    excludes: ({ encoding, value }) =>
      encoding !== undefined && encoding !== 'HTTP JSON' && (value === 'large int' || value === 'whole double'),
  },
  {
    reason: 'an attribute of an event needs an event',
    excludes: ({ place, events }) => place === 'event' && events === 'none',
  },
  {
    reason: 'an attribute of a link needs a link',
    excludes: ({ place, links }) => place === 'link' && links === 'none',
  },
  {
    reason: 'several services need a second span',
    excludes: ({ services, children }) => services === 'several' && children === 'none',
  },
]

/**
 * What Tempo does not keep of a trace, so that no trace here has it and nothing compares it. Measured with every field of
 * OTLP's Span, Event, Link and Scope set; anything else came back exactly, from memory and from a block. `holds` tells
 * whether a trace has it; what has none has no place in this suite's traces at all.
 */
export const notKept: readonly NotKept[] = [
  { what: 'flags of spans and links', source: 'vparquet4/schema.go: Span and Link have no column for them' },
  {
    what: 'schema URLs of resources and scopes',
    source: 'vparquet4/schema.go: ResourceSpans and ScopeSpans have no column for them',
  },
  {
    what: 'the order of spans and attributes',
    source: 'vparquet4/rebatch_trace.go groups spans; known attributes have columns of their own',
  },
  { what: 'attributes without a value', source: 'vparquet4/schema.go: parquetToProtoAttrs skips what has no value' },
  {
    what: 'a service.name that is the empty string',
    source: 'vparquet4/schema.go: the column ServiceName is not optional, and an empty one is left out',
    holds: ({ spans }) => spans.some(({ resource }) => textOf(resource['service.name']) === ''),
  },
  {
    what: 'attributes that tell scopes of the same name and version apart',
    source: 'modules/distributor/distributor.go: requestsByTraceID groups by name and version of the scope',
    holds: ({ spans }) => {
      const scopes = [...new Set(spans.map(({ scope }) => scope))]
      return new Set(scopes.map(({ name, version }) => JSON.stringify([name, version]))).size < scopes.length
    },
  },
  {
    what: 'bytes beyond max_attribute_bytes of a key, and of a value that is a string itself',
    source:
      'modules/distributor/distributor.go: processAttributes, which cuts UTF-8 anywhere, and neither bytes, lists nor maps',
    holds: ({ spans }, maxAttributeBytes) =>
      spans
        .flatMap(({ attributes, resource, scope, events, links }) => [
          attributes,
          resource,
          scope.attributes,
          ...[...events, ...links].map(part => part.attributes),
        ])
        .flatMap(attributes => Object.entries(attributes).flatMap(([key, value]) => [key, textOf(value)]))
        .some(text => Buffer.byteLength(text ?? '') > maxAttributeBytes),
  },
]

interface NotKept {
  readonly what: string
  readonly source: string
  holds?(trace: Trace, maxAttributeBytes: number): boolean
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return value !== undefined && 'string' in value ? value.string : undefined
}
