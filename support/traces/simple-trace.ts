import { newSpanId, newTraceId, nowNanoseconds } from './identity.ts'
import type { Attributes, Scope, Span, SpanKind, Trace } from './trace.ts'

/** Whose probe it is; kept in the resource attributes `acceptance.run` and `acceptance.scenario`. */
export interface Mark {
  readonly run: string
  readonly scenario: string
}

export interface SimpleTraceOptions extends Mark {
  /** At least 1; the root and its children `child-1`, `child-2`, ... */
  readonly spans?: number
  /** The `service.name`. */
  readonly service?: string
  /** Nanoseconds since the Unix epoch at which the root ends; just now where it is left out. */
  readonly end?: bigint
}

/** The resource attributes that every probe carries. */
export function markAttributes({ run, scenario }: Mark): Attributes {
  return { 'acceptance.run': { string: run }, 'acceptance.scenario': { string: scenario } }
}

/** A TraceQL query that selects the probes of one scenario, or of a whole run. */
export function markQuery({ run, scenario }: { readonly run: string; readonly scenario?: string }): string {
  const ofRun = `resource.acceptance.run = ${JSON.stringify(run)}`
  return scenario === undefined
    ? `{ ${ofRun} }`
    : `{ ${ofRun} && resource.acceptance.scenario = ${JSON.stringify(scenario)} }`
}

const ownScope: Scope = { name: 'acceptance', version: '1.0.0', attributes: {} }

/** A span with nothing in it but what is given. */
export function plainSpan(span: Pick<Span, 'name' | 'start' | 'end' | 'resource'> & Partial<Span>): Span {
  return {
    spanId: newSpanId(),
    parentSpanId: '',
    traceState: '',
    kind: 'internal',
    status: { code: 'unset', message: '' },
    attributes: {},
    events: [],
    links: [],
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    scope: ownScope,
    ...span,
  }
}

const childKinds: readonly SpanKind[] = ['client', 'internal', 'producer', 'consumer']

/** A request to a web shop, as an instrumented service would tell it: a root and children within the last second. */
export function simpleTrace(options: SimpleTraceOptions): Trace {
  const count = options.spans ?? 4
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`a trace has at least 1 span, not ${count}`)
  const resource: Attributes = {
    'service.name': { string: options.service ?? 'checkout' },
    'service.version': { string: '1.4.2' },
    'deployment.environment': { string: 'acceptance' },
    ...markAttributes(options),
  }
  const end = options.end ?? nowNanoseconds()
  const start = end - 731_000_417n
  const root = plainSpan({
    name: 'POST /orders',
    kind: 'server',
    start,
    end,
    resource,
    attributes: {
      'http.method': { string: 'POST' },
      'http.url': { string: 'https://shop.example/orders' },
      'http.status_code': { int: 201n },
      'order.total': { double: 149.95 },
      'order.express': { bool: true },
    },
  })
  const step = (end - start) / BigInt(count + 1)
  const children = Array.from({ length: count - 1 }, (_, index) => {
    const from = start + step * BigInt(index) + BigInt(index + 1)
    return plainSpan({
      name: `child-${index + 1}`,
      parentSpanId: root.spanId,
      kind: childKinds[index % childKinds.length] ?? 'internal',
      start: from,
      end: from + step / 2n,
      resource,
      attributes: { 'peer.service': { string: `part-${index + 1}` }, 'attempt.number': { int: BigInt(index + 1) } },
      ...(index === 0
        ? {
            status: { code: 'error' as const, message: 'card declined, asked again' },
            events: [
              {
                name: 'exception',
                time: from + step / 4n,
                attributes: { 'exception.type': { string: 'CardDeclined' } },
                droppedAttributes: 0,
              },
            ],
            links: [
              {
                traceId: newTraceId(),
                spanId: newSpanId(),
                traceState: '',
                attributes: { 'link.reason': { string: 'retry of' } },
                droppedAttributes: 0,
              },
            ],
          }
        : {}),
    })
  })
  return { traceId: newTraceId(), spans: [root, ...children] }
}

/**
 * The spans of a trace in so many parts of nearly equal size, in their order, each a trace of the same id.
 * @throws RangeError where there are fewer spans than parts
 */
export function batches(trace: Trace, parts: number): Trace[] {
  if (!Number.isInteger(parts) || parts < 1 || parts > trace.spans.length) {
    throw new RangeError(`${trace.spans.length} spans cannot be sent in ${parts} batches`)
  }
  return Array.from({ length: parts }, (_, part) => ({
    traceId: trace.traceId,
    spans: trace.spans.slice(
      Math.floor((part * trace.spans.length) / parts),
      Math.floor(((part + 1) * trace.spans.length) / parts),
    ),
  }))
}
