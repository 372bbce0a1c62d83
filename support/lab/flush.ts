import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'

/** Leaves what was acknowledged in memory and in the write-ahead log for a while, and has it in the bucket within 4 s. */
const interval = 2_000
const timeout = 2_000

/** Asks a server to flush, with a POST to this address every 2 s, until it is disposed of. */
export function flushRegularly(url: string): AsyncDisposable {
  const ending = new AbortController()
  const flushing = flushUntil(url, ending.signal)
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
      // The lab ends, or the server is just being restarted, as scenarios do; its own timers flush too.
    }
  }
}
