import { Unmet } from '../errors.ts'
import { describeLabels, keyOf, type Sample, type Series } from '../metrics/series.ts'
import { firstFew } from './trace-differences.ts'

/** Accepts exactly these series: every label, every sample with its time and value, once, and nothing besides. */
export const exactlyTheseSeries =
  (expected: readonly Series[]) =>
  (found: readonly Series[]): void => {
    if (expected.length === 0) throw new RangeError('no series at all proves nothing')
    const differences = seriesDifferences(expected, found)
    if (differences.length > 0) throw new Unmet(firstFew(differences))
  }

/** Accepts exactly these series, with the samples of each in the order of time. */
export const inOrderOfTime =
  (expected: readonly Series[]) =>
  (found: readonly Series[]): void => {
    exactlyTheseSeries(expected)(found)
    for (const { labels, samples } of found) {
      const late = samples.find(({ timestampMs }, index) => timestampMs < (samples[index - 1]?.timestampMs ?? 0))
      if (late !== undefined)
        throw new Unmet(
          `${describeLabels(labels)}: the sample of ${timeOf(late.timestampMs)} comes after a younger one`,
        )
    }
  }

/** Accepts one sample for each of these series, with this value, whatever its time. */
export const oneSampleOf =
  (expected: readonly Series[], value: number) =>
  (found: readonly Series[]): void => {
    const wanted = expected.map(({ labels }) => ({ labels, samples: [{ timestampMs: 0, value }] }))
    exactlyTheseSeries(wanted)(
      found.map(({ labels, samples }) => ({ labels, samples: samples.map(sample => ({ ...sample, timestampMs: 0 })) })),
    )
  }

/** Accepts an answer with nothing in it. */
export const noSeries = (found: readonly Series[]): void => {
  const [first] = found
  if (first !== undefined) throw new Unmet(`${found.length} series, such as ${describeLabels(first.labels)}`)
}

/** Everything in which series differ from those that they should be, one line each. */
export function seriesDifferences(expected: readonly Series[], found: readonly Series[]): string[] {
  const byKey = Map.groupBy(found, ({ labels }) => keyOf(labels))
  const wanted = new Set(expected.map(({ labels }) => keyOf(labels)))
  const missing = expected.filter(({ labels }) => !byKey.has(keyOf(labels)))
  const foreign = found.filter(({ labels }) => !wanted.has(keyOf(labels)))
  const lines: string[] = []
  if (missing.length > 0)
    lines.push(`${expected.length - missing.length} of ${expected.length} series; missing ${several(missing)}`)
  if (foreign.length > 0) lines.push(`${foreign.length} series that were not written: ${several(foreign)}`)
  for (const series of expected) {
    const copies = byKey.get(keyOf(series.labels)) ?? []
    if (copies.length > 1) lines.push(`${describeLabels(series.labels)} is there ${copies.length} times`)
    const [copy] = copies
    if (copy !== undefined)
      lines.push(
        ...sampleDifferences(series.samples, copy.samples).map(each => `${describeLabels(series.labels)}: ${each}`),
      )
  }
  return lines
}

function several(series: readonly Series[]): string {
  const more = series.length - 2
  const told = series.slice(0, 2).map(({ labels }) => describeLabels(labels))
  return told.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Values are compared as numbers are kept: each bit, all NaNs alike. */
function sampleDifferences(expected: readonly Sample[], found: readonly Sample[]): string[] {
  const byTime = Map.groupBy(found, ({ timestampMs }) => timestampMs)
  const wanted = new Set(expected.map(({ timestampMs }) => timestampMs))
  const missing = expected.filter(({ timestampMs }) => !byTime.has(timestampMs))
  const foreign = found.filter(({ timestampMs }) => !wanted.has(timestampMs))
  const lines: string[] = []
  if (missing.length > 0) {
    const there = expected.length - missing.length
    lines.push(`${there} of ${expected.length} samples; missing ${describeSample(missing[0])}`)
  }
  if (foreign.length > 0)
    lines.push(`${foreign.length} samples that were not written, such as ${describeSample(foreign[0])}`)
  for (const { timestampMs, value } of expected) {
    const copies = byTime.get(timestampMs) ?? []
    if (copies.length > 1) lines.push(`the sample of ${timeOf(timestampMs)} is there ${copies.length} times`)
    const other = copies.find(copy => !Object.is(copy.value, value))
    if (other !== undefined) lines.push(`at ${timeOf(timestampMs)}: written ${value}, found ${other.value}`)
  }
  return lines
}

function describeSample(sample: Sample | undefined): string {
  return sample === undefined ? 'none' : `${sample.value} at ${timeOf(sample.timestampMs)}`
}

function timeOf(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}
