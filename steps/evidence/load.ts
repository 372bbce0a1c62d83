import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { tenantFor } from '../../support/drivers/mimir.ts'
import { OtlpGrpcChannel } from '../../support/drivers/otlp-grpc.ts'
import { SpanLoad } from '../../support/drivers/otlp-load.ts'
import { writeSeries } from '../../support/drivers/remote-write.ts'
import { withTenant } from '../../support/drivers/tempo.ts'
import { RequestError, TransientError } from '../../support/errors.ts'
import { steadily } from '../../support/eventually.ts'
import { newMetricName, probeSeries } from '../../support/metrics/probe-series.ts'
import type { Run } from '../../support/run.ts'
import { mimirSystem, storeOf, tempoSystem } from '../../support/systems.ts'
import type { Mark } from '../../support/traces/simple-trace.ts'

const tracePushesPerSecond = 10
const spansPerTrace = 20
const seriesPerWrite = 1_000

/** What is sent again and again, each time anew. */
interface Source extends AsyncDisposable {
  readonly intervalMs: number
  /** Sends once, and tells how much was acknowledged. @throws TransientError, RequestError where it was not */
  send(turn: number, signal: AbortSignal): Promise<number>
}

/** What a load came to. */
interface Load {
  /** Spans or samples. */
  readonly acknowledged: number
  readonly acknowledgedPushes: number
  readonly refusedPushes: number
  readonly seconds: number
  /** Of acknowledged pushes, in milliseconds; 0 where there is none. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly longest: number }
}

export interface RunningLoad {
  /** What was acknowledged so far. */
  acknowledged(): number
  /** What it came to, when it has ended; rejects where the sender itself is defective. */
  readonly result: Promise<Load>
  end(): void
}

/** Sends so many spans a second over one channel, until it is ended. The rate is a multiple of 200. */
export function startSpans(run: Run, mark: Mark, spansPerSecond: number): RunningLoad {
  const { otlpGrpc, tenant } = tempoSystem(run)
  const spans = spansPerSecond / tracePushesPerSecond
  const load = new SpanLoad({ ...mark, spans, spansPerTrace })
  return start(run, async () => {
    const channel = await OtlpGrpcChannel.open(withTenant(otlpGrpc, tenant))
    return {
      intervalMs: 1_000 / tracePushesPerSecond,
      send: async (_, signal) => {
        const { body } = await load.next()
        await channel.send(body, signal)
        return spans
      },
      [Symbol.asyncDispose]: async () => channel[Symbol.dispose](),
    }
  })
}

/** Gives each of so many series a sample every so many milliseconds, until it is ended. */
export function startSamples(run: Run, mark: Mark, series: number, everyMs: number): RunningLoad {
  const { place } = storeOf(run, tenantFor(mimirSystem(run), mark))
  const metrics = Array.from({ length: Math.ceil(series / seriesPerWrite) }, newMetricName)
  return start(run, async () => ({
    intervalMs: everyMs / metrics.length,
    send: async (turn, signal) => {
      const index = turn % metrics.length
      const metric = metrics[index] ?? newMetricName()
      const own = Math.min(seriesPerWrite, series - index * seriesPerWrite)
      await writeSeries(place, probeSeries({ ...mark, metric, series: own }), 'remote write', signal)
      return own
    },
    [Symbol.asyncDispose]: async () => undefined,
  }))
}

function start(run: Run, open: () => Promise<Source>): RunningLoad {
  const controller = new AbortController()
  const signal = AbortSignal.any([run.signal, controller.signal])
  const startedAt = performance.now()
  // In microseconds: the histogram counts whole numbers.
  const latency = createHistogram()
  let endedAt: number | undefined
  let acknowledged = 0
  let refusedPushes = 0
  const result = (async () => {
    await using source = await open()
    await steadily(source.intervalMs, signal, async turn => {
      const sentAt = performance.now()
      try {
        acknowledged += await source.send(turn, run.signal)
        latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1_000)))
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof RequestError)) throw error
        refusedPushes += 1
      }
    })
    const seconds = ((endedAt ?? performance.now()) - startedAt) / 1_000
    return { acknowledged, acknowledgedPushes: latency.count, refusedPushes, seconds, latencyMs: percentiles(latency) }
  })()
  // A defect of the suite is told to whoever awaits the result, not as an error that nobody awaits.
  result.catch(() => undefined)
  return {
    acknowledged: () => acknowledged,
    result,
    end() {
      endedAt ??= performance.now()
      controller.abort()
    },
  }
}

function percentiles(latency: RecordableHistogram): Load['latencyMs'] {
  const at = (percentile: number) => (latency.count === 0 ? 0 : latency.percentile(percentile) / 1_000)
  return { p50: at(50), p95: at(95), p99: at(99), longest: at(100) }
}
