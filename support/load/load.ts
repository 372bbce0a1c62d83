import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { RequestError, TransientError } from '../errors.ts'
import { steadily } from '../eventually.ts'

/** What is sent again and again, each time anew. */
export interface Source extends AsyncDisposable {
  /** Between two pushes; 0: as fast as they are acknowledged. */
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

export interface LoadOptions {
  /** Ends it, and what is under way. */
  readonly signal: AbortSignal
  /** How many send at a time, each by a source of its own; default 1. */
  readonly senders?: number
}

/** Sends from the sources that `open` gives until it is ended; what is under way then is awaited. */
export function startLoad(open: () => Promise<Source>, { signal, senders = 1 }: LoadOptions): RunningLoad {
  const controller = new AbortController()
  const ended = AbortSignal.any([signal, controller.signal])
  const startedAt = performance.now()
  // In microseconds: the histogram counts whole numbers.
  const latency = createHistogram()
  let endedAt: number | undefined
  let acknowledged = 0
  let refusedPushes = 0
  const sender = async (): Promise<void> => {
    await using source = await open()
    await steadily(source.intervalMs, ended, async turn => {
      const sentAt = performance.now()
      try {
        acknowledged += await source.send(turn, signal)
        latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1_000)))
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof RequestError)) throw error
        refusedPushes += 1
      }
    })
  }
  const result = (async () => {
    await Promise.all(Array.from({ length: senders }, sender))
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
