import { Unmet } from '../errors.ts'
import type { Trace } from '../traces/trace.ts'
import { firstFew, type Sides, traceDifferences } from './trace-differences.ts'

/** Accepts a stored trace that has every span that was sent, once and unchanged, and no other. */
export const wholeTrace = (sent: Trace) => same(sent, { expected: 'sent', actual: 'stored' })

/** Accepts a trace that is still just what was answered before. */
export const sameTrace = (before: Trace) => same(before, { expected: 'before', actual: 'now' })

/** Accepts that there is no such trace; the answer must have been definite. */
export const noSuchTrace = (stored: Trace | undefined): void => {
  if (stored !== undefined) throw new Unmet(`trace ${stored.traceId} is there, with ${stored.spans.length} spans`)
}

function same(expected: Trace, sides: Sides): (actual: Trace | undefined) => void {
  if (expected.spans.length === 0) throw new RangeError('a trace without spans proves nothing')
  return actual => {
    if (actual === undefined) throw new Unmet(`no such trace: ${expected.traceId}`)
    const differences = traceDifferences(expected, actual, sides)
    if (differences.length > 0) throw new Unmet(firstFew(differences))
  }
}
