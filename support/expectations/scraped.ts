import { Unmet } from '../errors.ts'
import type { ExposedSeries } from '../metrics/exposition.ts'
import { describeLabels, keyOf, type Series } from '../metrics/series.ts'
import { firstFew } from './trace-differences.ts'

type Labels = Readonly<Record<string, string>>

/** Accepts exactly the series that were exposed, each with its value and with these labels besides its own. */
export const scrapedAll =
  (exposed: readonly ExposedSeries[], added: Labels) =>
  (found: readonly Series[]): void => {
    if (exposed.length === 0) throw new RangeError('no series at all proves nothing')
    const wanted = exposed.map(({ labels, value }) => ({ labels: { ...labels, ...added }, value }))
    const missing = wanted.filter(({ labels }) => !found.some(each => keyOf(each.labels) === keyOf(labels)))
    const foreign = found.filter(({ labels }) => !wanted.some(each => keyOf(each.labels) === keyOf(labels)))
    const lines: string[] = []
    if (missing.length > 0)
      lines.push(
        `${wanted.length - missing.length} of ${wanted.length} series; missing ${describeLabels(missing[0]?.labels ?? {})}`,
      )
    if (foreign.length > 0)
      lines.push(`${foreign.length} series that were not exposed: ${describeLabels(foreign[0]?.labels ?? {})}`)
    for (const { labels, value } of wanted) {
      const copies = found.filter(each => keyOf(each.labels) === keyOf(labels))
      if (copies.length > 1) lines.push(`${describeLabels(labels)} is there ${copies.length} times`)
      const other = copies[0]?.samples.find(sample => !Object.is(sample.value, value))
      if (other !== undefined) lines.push(`${describeLabels(labels)}: exposed ${value}, found ${other.value}`)
      if (copies[0]?.samples.length === 0) lines.push(`${describeLabels(labels)} has no sample`)
    }
    if (lines.length > 0) throw new Unmet(firstFew(lines))
  }

/** Accepts series of which each has a sample that is younger than this time, in milliseconds since the Unix epoch. */
export const youngerThan =
  (timeMs: number) =>
  (found: readonly Series[]): void => {
    if (found.length === 0) throw new Unmet('there is no series')
    const old = found.find(({ samples }) => !samples.some(({ timestampMs }) => timestampMs > timeMs))
    if (old !== undefined)
      throw new Unmet(`${describeLabels(old.labels)} has no sample of after ${new Date(timeMs).toISOString()}`)
  }

/** Accepts a number that is smaller than the bound. */
export const fewerThan =
  (bound: number) =>
  (value: number | undefined): void => {
    if (value === undefined) throw new Unmet('there is no such metric')
    if (!(value < bound)) throw new Unmet(`it is ${value}, not less than ${bound}`)
  }

/** Accepts a counter that is as it was. */
export const unchangedFrom =
  (before: number | undefined) =>
  (value: number | undefined): void => {
    if (value === undefined) throw new Unmet('there is no such counter')
    if (value !== (before ?? 0)) throw new Unmet(`the counter rose by ${value - (before ?? 0)}, to ${value}`)
  }
