import type { Acknowledgement } from '../support/drivers/acknowledgement.ts'
import { RequestError, TransientError, Undetermined, Unmet } from '../support/errors.ts'
import type { Moment } from '../support/eventually.ts'
import type { Run } from '../support/run.ts'
import type { Recorded } from '../support/world.ts'

/** Data that were sent once, and what became of it. */
export interface Sent {
  readonly request: string
  readonly elapsedMs: number
  /** When they were acknowledged; undefined where they were not. */
  readonly acknowledgedAt?: Moment
  /** Why they were not acknowledged. */
  readonly failure?: Error
}

/** Data that the system has promised to keep. */
export type Acknowledged<Kind extends Sent> = Kind & { readonly acknowledgedAt: Moment }

/**
 * Sends something once. What it came to is told, not thrown.
 * @param asked what was asked, in words, where no answer names the request
 * @param longestMs after which it is given up
 */
export async function sendOnce(
  run: Run,
  asked: string,
  longestMs: number,
  send: (signal: AbortSignal) => Promise<Acknowledgement>,
): Promise<Sent> {
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(longestMs)])
  const startedAt = performance.now()
  try {
    const { request, elapsedMs, acknowledgedAt } = await send(signal)
    return { request, elapsedMs, acknowledgedAt: { monotonicMs: acknowledgedAt, wallTime: new Date() } }
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof RequestError)) throw error
    return { request: asked, elapsedMs: performance.now() - startedAt, failure: error }
  }
}

/** All that a scenario has sent. @throws Undetermined where that is nothing, or one was not acknowledged */
export function allAcknowledged<Kind extends Sent>(
  [first, ...rest]: readonly Kind[],
  what: string,
): [Acknowledged<Kind>, ...Acknowledged<Kind>[]] {
  if (first === undefined) throw new Undetermined(`the scenario has sent no ${what}`, 'harness')
  return [acknowledged(first), ...rest.map(acknowledged)]
}

/** What was sent where it was acknowledged: what was not is never asserted on. @throws Undetermined otherwise */
export function acknowledged<Kind extends Sent>(sent: Kind): Acknowledged<Kind> {
  const { acknowledgedAt, failure } = sent
  if (acknowledgedAt !== undefined) return { ...sent, acknowledgedAt }
  throw new Undetermined('data that this needs were not acknowledged', 'environment', { cause: failure })
}

/** A push as it is judged: a refusal is an answer, silence may be the fault of others. */
export function judgedSent({ request, elapsedMs, failure }: Sent): Recorded {
  return {
    request,
    timeToTrueMs: elapsedMs,
    check: () => {
      if (failure instanceof RequestError && failure.whose === 'product')
        throw new Unmet(failure.message, { cause: failure })
      if (failure !== undefined) throw failure
    },
  }
}
