import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'

/** Leaves an acknowledged trace in memory and in the write-ahead log for a while, and has it in the bucket within 4 s. */
const interval = 2_000
const timeout = 2_000

/**
 * Asks Tempo to flush (`POST /flush`, Tempo's HTTP API) every 2 s until it is disposed of. By itself Tempo waits a
 * random time of up to 10 s between cutting a block and writing it to the bucket, and that cannot be configured
 * (`flushJitter` in modules/ingester/flush.go); a flush on request does not wait.
 */
export function flushRegularly(port: number): AsyncDisposable {
  const ending = new AbortController()
  const flushing = flushUntil(`http://127.0.0.1:${port}/flush`, ending.signal)
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      await flushing
    },
  }
}

async function flushUntil(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await pause(interval, undefined, { signal })
      const response = await request(url, {
        method: 'POST',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      })
      await response.body.dump()
    } catch {
      // The lab ends, or Tempo is just being restarted, as scenarios do; its own timers flush too.
    }
  }
}
