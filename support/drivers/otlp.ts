import type { TempoSystem } from '../target/target.ts'
import type { Encoding } from '../traces/encoding.ts'
import type { Trace } from '../traces/trace.ts'
import type { Acknowledgement } from './acknowledgement.ts'
import { sendOverGrpc } from './otlp-grpc.ts'
import { sendOverHttp } from './otlp-http.ts'
import { withTenant } from './tempo.ts'

/**
 * Pushes a trace to a Tempo once, without a retry.
 * @throws TransientError or RequestError where it was not acknowledged whole
 */
export function sendTrace(
  system: TempoSystem,
  trace: Trace,
  encoding: Encoding,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  return encoding === 'gRPC'
    ? sendOverGrpc(withTenant(system.otlpGrpc, system.tenant), trace, signal)
    : sendOverHttp(withTenant(system.otlpHttp, system.tenant), trace, encoding, signal)
}
