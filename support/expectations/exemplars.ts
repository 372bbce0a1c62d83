import { Unmet } from '../errors.ts'
import { describeLabels, type Exemplar, keyOf, type Series } from '../metrics/series.ts'
import { firstFew } from './trace-differences.ts'

/** What a store answers for the exemplars of a series. */
interface Found {
  readonly labels: Readonly<Record<string, string>>
  readonly exemplars: readonly Exemplar[]
}

/** Accepts exactly the exemplars of these series: labels, time and value of each, once, and nothing besides. */
export const exactlyTheseExemplars =
  (expected: readonly Series[]) =>
  (found: readonly Found[]): void => {
    if (expected.every(({ exemplars = [] }) => exemplars.length === 0))
      throw new RangeError('no exemplar at all proves nothing')
    const lines = expected.flatMap(({ labels, exemplars = [] }) => {
      const own = found.filter(each => keyOf(each.labels) === keyOf(labels)).flatMap(each => each.exemplars)
      return differences(exemplars, own).map(each => `${describeLabels(labels)}: ${each}`)
    })
    const keys = new Set(expected.map(({ labels }) => keyOf(labels)))
    const foreign = found.find(({ labels }) => !keys.has(keyOf(labels)))
    if (foreign !== undefined) lines.push(`exemplars that were not written: ${describeLabels(foreign.labels)}`)
    if (lines.length > 0) throw new Unmet(firstFew(lines))
  }

function differences(expected: readonly Exemplar[], found: readonly Exemplar[]): string[] {
  const wanted = expected.map(describe)
  const there = found.map(describe)
  const missing = wanted.filter(each => !there.includes(each))
  const foreign = there.filter(each => !wanted.includes(each))
  const lines: string[] = []
  if (missing.length > 0)
    lines.push(`${wanted.length - missing.length} of ${wanted.length} exemplars; missing ${missing[0]}`)
  if (foreign.length > 0) lines.push(`${foreign.length} exemplars that were not written: ${foreign[0]}`)
  if (there.length > wanted.length && foreign.length === 0) lines.push('an exemplar is there more than once')
  return lines
}

function describe({ labels, timestampMs, value }: Exemplar): string {
  return `${describeLabels(labels)} ${value} @${new Date(timestampMs).toISOString()}`
}
