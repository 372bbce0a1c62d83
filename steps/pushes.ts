import { type Sender, sendTrace } from '../support/drivers/otlp.ts'
import type { Run } from '../support/run.ts'
import { tempoSystem } from '../support/systems.ts'
import type { Trace } from '../support/traces/trace.ts'
import { type Acknowledged, type Sent, sendOnce } from './sent.ts'

/** A push that hangs longer is given up; what is promised of a push is far shorter. */
const longestPushMs = 10_000

/** A trace that was sent, and what became of the push. */
export interface Push extends Sent {
  readonly trace: Trace
  readonly sender: Sender
}

/** A trace that Tempo has promised to keep. */
export type AcknowledgedPush = Acknowledged<Push>

/** Sends a trace once. What the push came to is told, not thrown. */
export async function push(run: Run, trace: Trace, sender: Sender): Promise<Push> {
  const send = (signal: AbortSignal) => sendTrace(tempoSystem(run), trace, sender, signal)
  return { trace, sender, ...(await sendOnce(run, `OTLP ${sender}`, longestPushMs, send)) }
}
