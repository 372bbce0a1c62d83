import type { TempoSystem } from '../target/target.ts'
import type { Encoding } from '../traces/encoding.ts'
import type { Trace } from '../traces/trace.ts'
import type { Acknowledgement } from './acknowledgement.ts'
import { exportOverGrpc } from './otlp-exporter.ts'
import { sendOverGrpc } from './otlp-grpc.ts'
import { sendOverHttp } from './otlp-http.ts'
import { withTenant } from './tempo.ts'

/** A way to send a trace: one of our own encodings, or what instrumented programs use. */
export type Sender = Encoding | 'OpenTelemetry exporter'

/** The exporter cannot be ended by a signal; it is given up after this time by itself. */
const exporterTimeoutMs = 10_000

/**
 * Pushes a trace to a Tempo once, without a retry.
 * @throws TransientError or RequestError where it was not acknowledged whole
 */
export function sendTrace(
  system: TempoSystem,
  trace: Trace,
  sender: Sender,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const grpc = withTenant(system.otlpGrpc, system.tenant)
  if (sender === 'gRPC') return sendOverGrpc(grpc, trace, signal)
  if (sender === 'OpenTelemetry exporter') return exportOverGrpc(grpc, trace, exporterTimeoutMs)
  return sendOverHttp(withTenant(system.otlpHttp, system.tenant), trace, sender, signal)
}
