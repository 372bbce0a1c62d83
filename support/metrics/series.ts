import type { NativeHistogram } from './native-histogram.ts'

/** One value of a series. */
export interface Sample {
  /** Milliseconds since the Unix epoch, as Prometheus keeps them. */
  readonly timestampMs: number
  readonly value: number
  /** It is no value: from here on the series is gone, until it has another sample (a staleness marker). */
  readonly stale?: true
}

/** An example of what a sample stands for, such as the trace of one request. */
export interface Exemplar {
  /** Its own, which are none of the series'. */
  readonly labels: Readonly<Record<string, string>>
  readonly timestampMs: number
  readonly value: number
}

/** A name and its labels, with the samples that were written for it, the oldest first. */
export interface Series {
  /** All of them, the name (`__name__`) among them. */
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
  /** A series has these or samples. */
  readonly histograms?: readonly NativeHistogram[]
  /** The oldest first. */
  readonly exemplars?: readonly Exemplar[]
}

/** The labels in the order of their names, as PromQL writes them: `up{instance="a", job="b"}`. */
export function describeLabels(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', ...rest } = labels
  const told = sorted(rest).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return told.length === 0 ? name : `${name}{${told.join(', ')}}`
}

/** The same for the same labels, in whatever order they came. */
export function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(sorted(labels))
}

/** In the order of their names' bytes, which remote write asks for. */
export function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

/** The labels that all of these series have alike. */
export function commonLabels(series: readonly Series[]): Record<string, string> {
  const [first, ...others] = series
  const isCommon = ([name, value]: readonly [string, string]) => others.every(({ labels }) => labels[name] === value)
  return Object.fromEntries(Object.entries(first?.labels ?? {}).filter(isCommon))
}
