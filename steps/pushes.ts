import { type Sender, sendTrace } from '../support/drivers/otlp.ts'
import { RequestError, TransientError, Undetermined, Unmet } from '../support/errors.ts'
import type { Moment } from '../support/eventually.ts'
import type { Run } from '../support/run.ts'
import { tempoSystem } from '../support/systems.ts'
import type { Trace } from '../support/traces/trace.ts'
import type { Recorded } from '../support/world.ts'

/** A push that hangs longer is given up; what is promised of a push is far shorter. */
const longestPushMs = 10_000

/** A trace that was sent, and what became of the push. */
export interface Push {
  readonly trace: Trace
  readonly sender: Sender
  readonly request: string
  readonly elapsedMs: number
  /** When it was acknowledged; undefined where it was not. */
  readonly acknowledgedAt?: Moment
  /** Why it was not acknowledged. */
  readonly failure?: Error
}

/** A trace that Tempo has promised to keep. */
export type Acknowledged = Push & { readonly acknowledgedAt: Moment }

/** Sends a trace once. What the push came to is told, not thrown. */
export async function push(run: Run, trace: Trace, sender: Sender): Promise<Push> {
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(longestPushMs)])
  const startedAt = performance.now()
  try {
    const { request, elapsedMs, acknowledgedAt } = await sendTrace(tempoSystem(run), trace, sender, signal)
    return {
      trace,
      sender,
      request,
      elapsedMs,
      acknowledgedAt: { monotonicMs: acknowledgedAt, wallTime: new Date() },
    }
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof RequestError)) throw error
    return { trace, sender, request: `OTLP ${sender}`, elapsedMs: performance.now() - startedAt, failure: error }
  }
}

/** The push where it was acknowledged: what was not is never asserted on. @throws Undetermined otherwise */
export function acknowledged(sent: Push): Acknowledged {
  const { acknowledgedAt, failure } = sent
  if (acknowledgedAt !== undefined) return { ...sent, acknowledgedAt }
  throw new Undetermined('Tempo did not acknowledge a trace that this needs', 'environment', { cause: failure })
}

/** A push as it is judged: a refusal is an answer, silence may be the fault of others. */
export function judgedPush({ request, elapsedMs, failure }: Push): Recorded {
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
