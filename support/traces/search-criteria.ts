import { type Mark, markQuery, simpleTrace } from './simple-trace.ts'
import type { Trace } from './trace.ts'

/** A way to search for traces, with traces that it must find and traces, alike but for one thing, that it must not. */
export interface SearchCriterion {
  trace(mark: Mark, matches: boolean): Trace
  /** TraceQL. */
  query(mark: Mark): string
}

const boundSeconds = 3n

export const searchCriteria = {
  'resource attribute': {
    trace: (mark, matches) => simpleTrace({ ...mark, service: serviceOf(mark, matches) }),
    query: mark => `{ resource.service.name = "${serviceOf(mark, true)}" }`,
  },
  duration: {
    trace: (mark, matches) =>
      lasting(simpleTrace(mark), matches ? boundSeconds * 1_000_000_000n : boundSeconds * 1_000_000_000n - 1_000_000n),
    query: mark => markQuery(mark).replace('}', `&& duration >= ${boundSeconds}s }`),
  },
  'span name': {
    trace: (mark, matches) => withSpanNamed(simpleTrace(mark), nameOf(mark, matches)),
    query: mark => `{ name = "${nameOf(mark, true)}" }`,
  },
} as const satisfies Record<string, SearchCriterion>

function serviceOf({ scenario }: Mark, matches: boolean): string {
  return `${matches ? 'checkout' : 'checkout-of-others'}-${scenario}`
}

function nameOf({ scenario }: Mark, matches: boolean): string {
  return `${matches ? 'charge card' : 'charge card again'} ${scenario}`
}

/** The trace with a root that lasts so many nanoseconds, and ends when it ended. */
function lasting(trace: Trace, duration: bigint): Trace {
  return {
    ...trace,
    spans: trace.spans.map(span => (span.parentSpanId === '' ? { ...span, start: span.end - duration } : span)),
  }
}

function withSpanNamed(trace: Trace, name: string): Trace {
  const last = trace.spans.length - 1
  return { ...trace, spans: trace.spans.map((span, index) => (index === last ? { ...span, name } : span)) }
}
