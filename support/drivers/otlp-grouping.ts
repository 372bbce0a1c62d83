import type { Attributes, Scope, Span } from '../traces/trace.ts'

export interface ResourceGroup {
  readonly resource: Attributes
  readonly scopes: readonly { readonly scope: Scope; readonly spans: readonly Span[] }[]
}

/** Spans as OTLP carries them: by resource, then by scope. What is one object here is one there. */
export function groupSpans(spans: readonly Span[]): ResourceGroup[] {
  return [...Map.groupBy(spans, span => span.resource)].map(([resource, ofResource]) => ({
    resource,
    scopes: [...Map.groupBy(ofResource, span => span.scope)].map(([scope, ofScope]) => ({ scope, spans: ofScope })),
  }))
}
