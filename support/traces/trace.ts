/**
 * A trace as plain data, the same shape for what was sent, what Tempo answers and what a block holds, so that any two
 * can be compared. Field names and meanings are those of OTLP's trace.proto.
 */

/** OTLP's AnyValue. An integer and a double of the same value are different values. */
export type AttributeValue =
  | { readonly string: string }
  | { readonly bool: boolean }
  | { readonly int: bigint }
  | { readonly double: number }
  | { readonly bytes: Uint8Array }
  | { readonly array: readonly AttributeValue[] }
  | { readonly map: Attributes }

export type Attributes = { readonly [key: string]: AttributeValue }

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof spanKinds)[number]

export const statusCodes = ['unset', 'ok', 'error'] as const
type StatusCode = (typeof statusCodes)[number]

export interface SpanEvent {
  readonly name: string
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint
  readonly attributes: Attributes
  readonly droppedAttributes: number
}

export interface SpanLink {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  readonly traceState: string
  readonly attributes: Attributes
  readonly droppedAttributes: number
}

export interface Scope {
  readonly name: string
  readonly version: string
  readonly attributes: Attributes
}

export interface Span {
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  /** Empty for a root. */
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  readonly kind: SpanKind
  /** Nanoseconds since the Unix epoch. */
  readonly start: bigint
  readonly end: bigint
  readonly status: { readonly code: StatusCode; readonly message: string }
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly droppedAttributes: number
  readonly droppedEvents: number
  readonly droppedLinks: number
  readonly resource: Attributes
  readonly scope: Scope
}

export interface Trace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** In no particular order. */
  readonly spans: readonly Span[]
}
