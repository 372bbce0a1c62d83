/** How a histogram's counts are meant: of a counter, which only rise and are whole, or of a gauge, which are any. */
type HistogramKind = 'counter' | 'gauge'

/**
 * A native histogram, as Prometheus keeps it (Prometheus documentation, "Native Histograms", Data model). Counts are
 * absolute, by the index of their bucket.
 */
export interface NativeHistogram {
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number
  readonly kind: HistogramKind
  /** -4 to 8: the resolution of exponential buckets. `custom`: the buckets lie between `customBounds`. */
  readonly schema: number | 'custom'
  readonly sum: number
  /** The zero bucket reaches from its negative to it; 0 where the schema is custom. */
  readonly zeroThreshold: number
  readonly zeroCount: number
  /** Bucket i holds what is above base^(i-1) and up to base^i, where base is 2^(2^-schema). */
  readonly positive: ReadonlyMap<number, number>
  readonly negative: ReadonlyMap<number, number>
  /** Upper bounds, rising; the last bucket reaches from the last of them to infinity. */
  readonly customBounds: readonly number[]
}

/** A bucket as the query interface tells it. */
export interface Bucket {
  /** Which of its bounds belong to it: 0 the upper, 1 the lower, 2 none, 3 both (HTTP API, "Native histograms"). */
  readonly boundaryRule: number
  readonly lower: number
  readonly upper: number
  readonly count: number
}

/** A histogram as the query interface tells it: buckets with a count, from the lowest on. */
export interface SeenHistogram {
  readonly timestampMs: number
  readonly count: number
  readonly sum: number
  readonly buckets: readonly Bucket[]
}

/** The histograms of one series as they were found. */
export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly histograms: readonly SeenHistogram[]
}

/** What the query interface must tell of a histogram that was written. */
export function asSeen(histogram: NativeHistogram): SeenHistogram {
  const { timestampMs, sum } = histogram
  const buckets = bucketsOf(histogram)
  return { timestampMs, sum, count: buckets.reduce((all, { count }) => all + count, 0), buckets }
}

function bucketsOf({ schema, zeroThreshold, zeroCount, positive, negative, customBounds }: NativeHistogram): Bucket[] {
  const filled = (counts: ReadonlyMap<number, number>) =>
    [...counts].filter(([, count]) => count !== 0).sort(([one], [other]) => one - other)
  if (schema === 'custom') {
    return filled(positive).map(([index, count]) => ({
      // The lowest one holds negative infinity too.
      boundaryRule: index === 0 ? 3 : 0,
      lower: index === 0 ? Number.NEGATIVE_INFINITY : boundAt(customBounds, index - 1),
      upper: boundAt(customBounds, index),
      count,
    }))
  }
  const bound = (index: number) => 2 ** (index * 2 ** -schema)
  return [
    ...filled(negative)
      .reverse()
      .map(([index, count]) => ({ boundaryRule: 1, lower: -bound(index), upper: -bound(index - 1), count })),
    ...(zeroCount === 0 ? [] : [{ boundaryRule: 3, lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount }]),
    ...filled(positive).map(([index, count]) => ({
      boundaryRule: 0,
      lower: bound(index - 1),
      upper: bound(index),
      count,
    })),
  ]
}

function boundAt(bounds: readonly number[], index: number): number {
  return bounds[index] ?? Number.POSITIVE_INFINITY
}

/** A run of buckets without a gap; `offset` is the index of its first one, or the gap to the run before it. */
interface Span {
  readonly offset: number
  readonly length: number
}

/** Buckets as remote write carries them: where they are, and their counts in order. */
export function spansOf(buckets: ReadonlyMap<number, number>): { spans: Span[]; counts: number[] } {
  const spans: { offset: number; length: number }[] = []
  const counts: number[] = []
  let next = 0
  for (const [index, count] of [...buckets].sort(([one], [other]) => one - other)) {
    const last = spans.at(-1)
    if (last !== undefined && index === next) last.length += 1
    else spans.push({ offset: index - next, length: 1 })
    counts.push(count)
    next = index + 1
  }
  return { spans, counts }
}
