import { type Mark, plainSpan, simpleTrace } from './simple-trace.ts'
import type { Span, Trace } from './trace.ts'

/** What a span takes beside its filling, at the least, wherever its size is counted. */
const filling = 1_000
/** How far beyond the limit the trace goes, so that it is over it however the bytes are counted. */
const excess = 1.3

/** A trace whose spans' attributes alone are larger than a limit, in bytes. */
export function largeTrace(mark: Mark, limitBytes: number, maxAttributeBytes: number): Trace {
  const trace = simpleTrace({ ...mark, spans: 1 })
  const [root] = trace.spans
  if (root === undefined) throw new RangeError('a trace has a root')
  const text = 'x'.repeat(Math.min(filling, maxAttributeBytes))
  const count = Math.ceil((excess * limitBytes) / text.length)
  const children = Array.from({ length: count }, (_, index): Span => {
    const { resource, start, end, scope } = root
    return plainSpan({
      name: `child-${index + 1}`,
      parentSpanId: root.spanId,
      start,
      end,
      resource,
      scope,
      attributes: { filling: { string: text } },
    })
  })
  return { ...trace, spans: [root, ...children] }
}
