import { Unmet } from '../errors.ts'
import {
  asSeen,
  type Bucket,
  type HistogramSeries,
  type NativeHistogram,
  type SeenHistogram,
} from '../metrics/native-histogram.ts'
import { describeLabels, keyOf, type Series } from '../metrics/series.ts'
import { firstFew } from './trace-differences.ts'

/** Bounds are powers of the base that each program computes for itself. */
const closeEnough = 1e-12

/** Accepts exactly the native histograms of these series: each time, sum, count and bucket, and nothing besides. */
export const exactlyTheseHistograms =
  (expected: readonly Series[]) =>
  (found: readonly HistogramSeries[]): void => {
    const wanted = expected.map(({ labels, histograms = [] }) => ({ labels, histograms }))
    if (wanted.every(({ histograms }) => histograms.length === 0))
      throw new RangeError('no histogram at all proves nothing')
    const lines = wanted.flatMap(({ labels, histograms }) => {
      const copies = found.filter(each => keyOf(each.labels) === keyOf(labels))
      const [copy] = copies
      if (copy === undefined) return [`no histogram of ${describeLabels(labels)}`]
      if (copies.length > 1) return [`${describeLabels(labels)} is there ${copies.length} times`]
      return histogramDifferences(histograms, copy.histograms).map(each => `${describeLabels(labels)}: ${each}`)
    })
    const keys = new Set(wanted.map(({ labels }) => keyOf(labels)))
    const [foreign] = found.filter(({ labels }) => !keys.has(keyOf(labels)))
    if (foreign !== undefined) lines.push(`histograms that were not written: ${describeLabels(foreign.labels)}`)
    if (lines.length > 0) throw new Unmet(firstFew(lines))
  }

function histogramDifferences(expected: readonly NativeHistogram[], found: readonly SeenHistogram[]): string[] {
  const lines = expected.flatMap(histogram => {
    const wanted = asSeen(histogram)
    const time = new Date(wanted.timestampMs).toISOString()
    const copies = found.filter(({ timestampMs }) => timestampMs === wanted.timestampMs)
    const [copy] = copies
    if (copy === undefined) return [`no histogram at ${time}`]
    if (copies.length > 1) return [`the histogram of ${time} is there ${copies.length} times`]
    return differences(wanted, copy).map(each => `at ${time}: ${each}`)
  })
  const times = new Set(expected.map(({ timestampMs }) => timestampMs))
  const foreign = found.filter(({ timestampMs }) => !times.has(timestampMs))
  if (foreign.length > 0) lines.push(`${foreign.length} histograms that were not written`)
  return lines
}

function differences(expected: SeenHistogram, found: SeenHistogram): string[] {
  const lines: string[] = []
  if (found.count !== expected.count) lines.push(`count: written ${expected.count}, found ${found.count}`)
  if (!Object.is(found.sum, expected.sum)) lines.push(`sum: written ${expected.sum}, found ${found.sum}`)
  const missing = expected.buckets.filter(bucket => !found.buckets.some(other => isSame(bucket, other)))
  const foreign = found.buckets.filter(bucket => !expected.buckets.some(other => isSame(bucket, other)))
  if (missing.length > 0) {
    const there = expected.buckets.length - missing.length
    lines.push(`${there} of ${expected.buckets.length} buckets; missing ${missing.map(describe).join(', ')}`)
  }
  if (foreign.length > 0) lines.push(`buckets that were not written: ${foreign.map(describe).join(', ')}`)
  if (missing.length === 0 && foreign.length === 0 && found.buckets.length !== expected.buckets.length)
    lines.push(`${found.buckets.length} buckets, written ${expected.buckets.length}`)
  return lines
}

function isSame(one: Bucket, other: Bucket): boolean {
  return (
    one.boundaryRule === other.boundaryRule &&
    one.count === other.count &&
    isClose(one.lower, other.lower) &&
    isClose(one.upper, other.upper)
  )
}

function isClose(one: number, other: number): boolean {
  return one === other || Math.abs(one - other) <= closeEnough * Math.abs(one)
}

/** As mathematicians write intervals: `(1, 2]: 5`. */
function describe({ boundaryRule, lower, upper, count }: Bucket): string {
  const left = boundaryRule === 1 || boundaryRule === 3 ? '[' : '('
  const right = boundaryRule === 0 || boundaryRule === 3 ? ']' : ')'
  return `${left}${lower}, ${upper}${right}: ${count}`
}
