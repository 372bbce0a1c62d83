import { z } from 'zod'
import type { Attributes, AttributeValue, Span } from '../traces/trace.ts'
import { spanKinds, statusCodes } from '../traces/trace.ts'
import type { BlockMeta } from './tempo-block-meta.ts'
import { collectAttributes, parseTempoValue } from './tempo-json.ts'

/** Rows of data.parquet in the form that Tempo's tempodb/encoding/vparquet4/schema.go gives them. */
const bytes = z.instanceof(Uint8Array)
/** With not-a-number and the infinities. */
const double = z.custom<number>(value => typeof value === 'number')
const attribute = z.object({
  Key: z.string(),
  IsArray: z.boolean(),
  Value: z.array(z.string()),
  ValueInt: z.array(z.bigint()),
  ValueDouble: z.array(double),
  ValueBool: z.array(z.boolean()),
  ValueUnsupported: z.string().nullable(),
})
const attributes = z.array(attribute)
const text = z.string().nullable()
const dedicated = z.record(z.string(), text)

const span = z.object({
  SpanID: bytes,
  ParentSpanID: bytes,
  Name: z.string(),
  Kind: z.bigint(),
  TraceState: z.string(),
  StartTimeUnixNano: z.bigint(),
  DurationNano: z.bigint(),
  StatusCode: z.bigint(),
  StatusMessage: z.string(),
  Attrs: attributes,
  DroppedAttributesCount: z.int(),
  Events: z.array(
    z.object({ TimeSinceStartNano: z.bigint(), Name: z.string(), Attrs: attributes, DroppedAttributesCount: z.int() }),
  ),
  DroppedEventsCount: z.int(),
  Links: z.array(
    z.object({
      TraceID: bytes,
      SpanID: bytes,
      TraceState: z.string(),
      Attrs: attributes,
      DroppedAttributesCount: z.int(),
    }),
  ),
  DroppedLinksCount: z.int(),
  HttpMethod: text,
  HttpUrl: text,
  HttpStatusCode: z.bigint().nullable(),
  DedicatedAttributes: dedicated,
})

const resource = z.object({
  Attrs: attributes,
  ServiceName: z.string(),
  Cluster: text,
  Namespace: text,
  Pod: text,
  Container: text,
  K8sClusterName: text,
  K8sNamespaceName: text,
  K8sPodName: text,
  K8sContainerName: text,
  DedicatedAttributes: dedicated,
})

const row = z.object({
  TraceID: bytes,
  rs: z.array(
    z.object({
      Resource: resource,
      ss: z.array(
        z.object({
          Scope: z.object({ Name: z.string(), Version: z.string(), Attrs: attributes }),
          Spans: z.array(span),
        }),
      ),
    }),
  ),
})

type DedicatedColumns = BlockMeta['dedicatedColumns']

/**
 * The spans of one trace's row, with the attributes put back that have columns of their own.
 * @throws ZodError where the row has another form
 */
export function spansOfRow(found: unknown, dedicatedColumns: DedicatedColumns): Span[] {
  return row.parse(found).rs.flatMap(({ Resource, ss }) => {
    const ofResource = resourceOf(Resource, dedicatedColumns)
    return ss.flatMap(({ Scope, Spans }) => {
      const scope = { name: Scope.Name, version: Scope.Version, attributes: collectAttributes(pairsOf(Scope.Attrs)) }
      return Spans.map(one => spanOf(one, ofResource, scope, dedicatedColumns))
    })
  })
}

function resourceOf(found: z.infer<typeof resource>, columns: DedicatedColumns): Attributes {
  return collectAttributes([
    ...pairsOf(found.Attrs),
    ...dedicatedPairs(found.DedicatedAttributes, columns, 'resource'),
    // An empty service.name cannot be told from none: the column is not optional.
    ...textPairs({ 'service.name': found.ServiceName === '' ? null : found.ServiceName }),
    ...textPairs({
      cluster: found.Cluster,
      namespace: found.Namespace,
      pod: found.Pod,
      container: found.Container,
      'k8s.cluster.name': found.K8sClusterName,
      'k8s.namespace.name': found.K8sNamespaceName,
      'k8s.pod.name': found.K8sPodName,
      'k8s.container.name': found.K8sContainerName,
    }),
  ])
}

function spanOf(
  found: z.infer<typeof span>,
  ofResource: Attributes,
  scope: Span['scope'],
  columns: DedicatedColumns,
): Span {
  const start = found.StartTimeUnixNano
  return {
    spanId: hex(found.SpanID),
    parentSpanId: hex(found.ParentSpanID),
    traceState: found.TraceState,
    name: found.Name,
    kind: spanKinds[Number(found.Kind)] ?? 'unspecified',
    start,
    end: unsigned(start + found.DurationNano),
    status: { code: statusCodes[Number(found.StatusCode)] ?? 'unset', message: found.StatusMessage },
    attributes: collectAttributes([
      ...pairsOf(found.Attrs),
      ...dedicatedPairs(found.DedicatedAttributes, columns, 'span'),
      ...textPairs({ 'http.method': found.HttpMethod, 'http.url': found.HttpUrl }),
      ...(found.HttpStatusCode === null ? [] : [['http.status_code', { int: found.HttpStatusCode }] as const]),
    ]),
    events: found.Events.map(event => ({
      name: event.Name,
      time: unsigned(start + event.TimeSinceStartNano),
      attributes: collectAttributes(pairsOf(event.Attrs)),
      droppedAttributes: event.DroppedAttributesCount,
    })),
    links: found.Links.map(link => ({
      traceId: hex(link.TraceID),
      spanId: hex(link.SpanID),
      traceState: link.TraceState,
      attributes: collectAttributes(pairsOf(link.Attrs)),
      droppedAttributes: link.DroppedAttributesCount,
    })),
    droppedAttributes: found.DroppedAttributesCount,
    droppedEvents: found.DroppedEventsCount,
    droppedLinks: found.DroppedLinksCount,
    resource: ofResource,
    scope,
  }
}

type Pair = readonly [string, AttributeValue]

function pairsOf(found: z.infer<typeof attributes>): Pair[] {
  return found.map(one => [one.Key, attributeValue(one)])
}

/** One value lies in the one list of its type; what has no list is JSON. */
function attributeValue(found: z.infer<typeof attribute>): AttributeValue {
  if (found.ValueUnsupported !== null) return parseTempoValue(JSON.parse(found.ValueUnsupported))
  const values: AttributeValue[] = [
    ...found.Value.map(string => ({ string })),
    ...found.ValueInt.map(int => ({ int })),
    ...found.ValueDouble.map(double => ({ double })),
    ...found.ValueBool.map(bool => ({ bool })),
  ]
  if (found.IsArray) return { array: values }
  const [only, ...more] = values
  if (only === undefined || more.length > 0)
    throw new SyntaxError(`attribute ${found.Key} has ${values.length} values in its block`)
  return only
}

function textPairs(found: Readonly<Record<string, string | null>>): Pair[] {
  return Object.entries(found).flatMap(([key, string]) => (string === null ? [] : [[key, { string }] as const]))
}

function dedicatedPairs(
  found: Readonly<Record<string, string | null>>,
  columns: DedicatedColumns,
  scope: 'span' | 'resource',
): Pair[] {
  const names = columns.filter(column => column.scope === scope).map(({ name }) => name)
  return names.flatMap((name, index) => {
    const string = found[`String${String(index + 1).padStart(2, '0')}`] ?? null
    return string === null ? [] : [[name, { string }] as const]
  })
}

/** Tempo counts in 64 bits without a sign, so what comes before the start is a very large distance from it. */
function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}

function hex(found: Uint8Array): string {
  return Buffer.from(found).toString('hex')
}
