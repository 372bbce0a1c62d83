import type { MetricStorePlace } from '../drivers/metric-store.ts'
import { OtlpGrpcChannel } from '../drivers/otlp-grpc.ts'
import { SpanLoad } from '../drivers/otlp-load.ts'
import { writeSeries } from '../drivers/remote-write.ts'
import { newMetricName, probeSeries } from '../metrics/probe-series.ts'
import type { Address } from '../target/target.ts'
import type { Mark } from '../traces/simple-trace.ts'
import type { Source } from './load.ts'

const spansPerTrace = 20
const seriesPerWrite = 1_000

export interface SpanPushes {
  readonly spansOfEach: number
  readonly intervalMs: number
}

/** Pushes of fresh traces of 20 spans, over a channel of its own. The spans of a push are a multiple of 20. */
export async function spanSource(
  otlpGrpc: Address,
  mark: Mark,
  { spansOfEach, intervalMs }: SpanPushes,
): Promise<Source> {
  const load = new SpanLoad({ ...mark, spans: spansOfEach, spansPerTrace })
  const channel = await OtlpGrpcChannel.open(otlpGrpc)
  return {
    intervalMs,
    send: async (_, signal) => {
      const { body } = await load.next()
      await channel.send(body, signal)
      return spansOfEach
    },
    [Symbol.asyncDispose]: async () => channel[Symbol.dispose](),
  }
}

export interface SampleWrites {
  readonly series: number
  /** Between two samples of one series; 0: as fast as they are acknowledged. */
  readonly everyMs: number
}

/** Gives each of so many series a sample again and again, 1,000 series in a write. */
export function sampleSource(place: MetricStorePlace, mark: Mark, { series, everyMs }: SampleWrites): Source {
  const metrics = Array.from({ length: Math.ceil(series / seriesPerWrite) }, newMetricName)
  return {
    intervalMs: everyMs / metrics.length,
    send: async (turn, signal) => {
      const index = turn % metrics.length
      const metric = metrics[index] ?? newMetricName()
      const own = Math.min(seriesPerWrite, series - index * seriesPerWrite)
      await writeSeries(place, probeSeries({ ...mark, metric, series: own }), 'remote write', signal)
      return own
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
