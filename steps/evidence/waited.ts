import { TransientError, Unmet } from '../../support/errors.ts'
import { NotSeen, type Seen } from '../../support/eventually.ts'
import type { Recorded } from '../../support/world.ts'

/** What was waited for while evidence was gathered: when it came, or what was seen instead. */
export type Waited<T> = Seen<T> | NotSeen

/**
 * Such a wait as it is judged.
 * @param failure what is wrong where it did not come, such as `it did not become ready`
 * @param asked what was asked, in words, where no answer names a request
 */
export function judgedWait(waited: Waited<unknown>, failure: string, asked: string): Recorded {
  if (!(waited instanceof NotSeen)) {
    const { request, timeToTrueMs } = waited
    return { request, timeToTrueMs, check: () => undefined }
  }
  const message = `${failure}: ${waited.last}`
  return {
    request: waited.request ?? asked,
    check: () => {
      // Silence may be the fault of others, which is looked at when it is judged.
      if (waited.unanswered)
        throw new TransientError(message, { whose: waited.othersFailed ? 'environment' : 'product' })
      throw new Unmet(message)
    },
  }
}
