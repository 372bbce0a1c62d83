import type { NativeHistogram } from './native-histogram.ts'
import { type Mark, newMetricName } from './probe-series.ts'
import type { Series } from './series.ts'

/** What a native histogram can be. */
export const histogramKinds = {
  'exponential ones with negative and zero buckets': {
    kind: 'counter',
    schema: 0,
    sum: -12.75,
    zeroThreshold: 0.001,
    zeroCount: 3,
    positive: new Map([
      [-2, 1],
      [0, 4],
      [1, 2],
      [5, 7],
    ]),
    negative: new Map([
      [1, 2],
      [2, 5],
      [4, 1],
    ]),
    customBounds: [],
  },
  'exponential ones of a fine resolution': {
    kind: 'counter',
    schema: 3,
    sum: 812.5,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    positive: new Map(Array.from({ length: 40 }, (_, index) => [index - 7 + Math.floor(index / 10), index + 1])),
    negative: new Map(),
    customBounds: [],
  },
  'those of a gauge, whose counts are no whole numbers': {
    kind: 'gauge',
    schema: 1,
    sum: 0.1 + 0.2,
    zeroThreshold: 0.5,
    zeroCount: 0.25,
    positive: new Map([
      [3, 1.5],
      [4, 0.125],
    ]),
    negative: new Map([[2, 2.5]]),
    customBounds: [],
  },
  'those with custom buckets': {
    kind: 'counter',
    schema: 'custom',
    sum: 77.25,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: new Map([
      [0, 2],
      [1, 3],
      [3, 1],
      [4, 5],
    ]),
    negative: new Map(),
    customBounds: [0.5, 1, 2.5, 10],
  },
} as const satisfies Record<string, Omit<NativeHistogram, 'timestampMs'>>

export type HistogramProbe = keyof typeof histogramKinds

/** A series of native histograms of this scenario, the last of them just now. */
export function probeHistograms(mark: Mark, what: HistogramProbe, count: number): Series {
  const lastMs = Date.now()
  return {
    labels: { __name__: newMetricName(), acceptance_run: mark.run, acceptance_scenario: mark.scenario },
    samples: [],
    histograms: Array.from({ length: count }, (_, index) => ({
      ...histogramKinds[what],
      timestampMs: lastMs - (count - 1 - index) * 1_000,
    })),
  }
}
