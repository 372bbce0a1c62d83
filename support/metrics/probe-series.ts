import { randomBytes } from 'node:crypto'
import type { Sample, Series } from './series.ts'

/** Whose probe it is; kept in the labels `acceptance_run` and `acceptance_scenario`. */
export interface Mark {
  readonly run: string
  readonly scenario: string
}

export interface ProbeOptions extends Mark {
  /** Series of one metric; they differ in the label `part`. At least 1. */
  readonly series?: number
  /** Of each series. At least 1. */
  readonly samples?: number
  /** Milliseconds since the Unix epoch of the last sample; just now where it is left out. */
  readonly lastMs?: number
  /** Between two samples. */
  readonly intervalMs?: number
  /** Its name; one that nobody else has where it is left out. */
  readonly metric?: string
}

/** Ordinary and less ordinary numbers, each of which is another one when a digit of it is lost. */
const values = [0.1 + 0.2, -17, 1_234_567.891_011, 0, 5e-324, 1.797_693_134_862_315_7e308, -0.000_1, 2 ** 53 - 1]

/** A metric name that no one else has. */
export function newMetricName(): string {
  return `acceptance_probe_${randomBytes(6).toString('hex')}`
}

/** A metric of this scenario, with its series and their samples; nothing about it but the marks is anybody else's. */
export function probeSeries(options: ProbeOptions): Series[] {
  const { series = 1, samples = 1, lastMs = Date.now(), intervalMs = 1_000, metric = newMetricName() } = options
  if (!(series >= 1 && samples >= 1)) throw new RangeError('a probe has at least one series with one sample')
  return Array.from({ length: series }, (_, part) => ({
    labels: {
      __name__: metric,
      acceptance_run: options.run,
      acceptance_scenario: options.scenario,
      part: String(part),
      // What is not ASCII, and what PromQL and JSON must escape.
      place: 'Zürich, 3. Stock "Süd" \\ 東京',
    },
    samples: samplesOf(part, samples, Math.floor(lastMs), intervalMs),
  }))
}

function samplesOf(part: number, count: number, lastMs: number, intervalMs: number): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    timestampMs: lastMs - (count - 1 - index) * intervalMs,
    value: values[(part + index) % values.length] ?? 0,
  }))
}

/** Numbers at the ends of what a double can hold, and those that are none. */
const kinds = [
  0,
  1,
  -1,
  0.1 + 0.2,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.EPSILON,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]

/** One series with a sample of each of them. */
export function everyKindOfNumber(options: Omit<ProbeOptions, 'series' | 'samples'>): Series[] {
  const [series] = probeSeries({ ...options, samples: kinds.length })
  if (series === undefined) return []
  return [{ ...series, samples: series.samples.map((sample, index) => ({ ...sample, value: kinds[index] ?? 0 })) }]
}

/** The same series with an exemplar for each sample, each of which nobody else has. */
export function withExemplars(series: readonly Series[]): Series[] {
  return series.map(each => ({
    ...each,
    exemplars: each.samples.map(({ timestampMs }, index) => ({
      labels: { trace_id: randomBytes(16).toString('hex'), place: 'Zürich, "Süd"' },
      timestampMs,
      value: index + 0.1,
    })),
  }))
}

/** The last sample of each of these series, at the same time, with another value. */
export function lastWithAnotherValue(series: readonly Series[]): Series[] {
  return series.map(({ labels, samples }) => ({
    labels,
    samples: samples.slice(-1).map(sample => ({ ...sample, value: sample.value + 1_000 })),
  }))
}
