import type { MetricStorePlace } from '../support/drivers/metric-store.ts'
import { type WriteAnswer, type WriteVersion, writeRaw } from '../support/drivers/remote-write.ts'
import { RequestError, TransientError } from '../support/errors.ts'
import type { Run } from '../support/run.ts'

const longestWriteMs = 30_000

/** What a store said to bytes that were sent to it once, or why it said nothing. */
export interface RawWrite {
  readonly request: string
  readonly elapsedMs: number
  readonly answer: WriteAnswer | TransientError | RequestError
}

/** Sends any bytes once. What came of it is told, not thrown. */
export async function sendBytes(
  { signal }: Run,
  place: MetricStorePlace,
  body: Uint8Array,
  version: WriteVersion = '1.0',
): Promise<RawWrite> {
  const startedAt = performance.now()
  try {
    const answer = await writeRaw(place, body, AbortSignal.any([signal, AbortSignal.timeout(longestWriteMs)]), version)
    return { request: answer.request, elapsedMs: answer.elapsedMs, answer }
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof RequestError)) throw error
    return { request: 'remote write', elapsedMs: performance.now() - startedAt, answer: error }
  }
}

/** The store's answer. @throws why there is none */
export function answerOf({ answer }: Pick<RawWrite, 'answer'>): WriteAnswer {
  if (answer instanceof Error) throw answer
  return answer
}
