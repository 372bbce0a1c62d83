import { RequestError, TransientError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { Address } from '../target/target.ts'
import type { Trace } from '../traces/trace.ts'
import { type Acknowledgement, acknowledge } from './acknowledgement.ts'
import { revealHeaders } from './http.ts'
import { tlsTrouble } from './otlp-grpc.ts'
import { readableSpans } from './otlp-protobuf.ts'

/**
 * What the exporter tells its diagnostic log and nobody else (RetryingTransport and the response handler in
 * @opentelemetry/otlp-exporter-base): that it tries again after a refusal, and that not all was taken.
 */
const told = {
  retry: /Scheduling export retry/,
  partialSuccess: /Received Partial Success response/,
}

/** One export at a time: the diagnostic log does not say which export it speaks of. */
let previous: Promise<unknown> = Promise.resolve()

/**
 * Pushes a trace with OpenTelemetry's own gRPC exporter, as an instrumented program does. The exporter tries again by
 * itself when it is refused: that must not pass for an acknowledgement.
 * @param timeoutMs after which the exporter gives up
 * @throws TransientError when nothing acknowledged it in time; RequestError when it was refused, at first or for good
 */
export function exportOverGrpc(address: Address, trace: Trace, timeoutMs: number): Promise<Acknowledgement> {
  const turn = previous.then(() => exportOnce(address, trace, timeoutMs))
  previous = turn.catch(() => undefined)
  return turn
}

async function exportOnce(address: Address, trace: Trace, timeoutMs: number): Promise<Acknowledgement> {
  const [{ OTLPTraceExporter }, { diag, DiagLogLevel }, grpc] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-grpc'),
    import('@opentelemetry/api'),
    import('@grpc/grpc-js'),
  ])
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(revealHeaders(address.headers))) metadata.set(name, value)
  const secure = address.url.protocol === 'https:'
  const ca = address.ca === undefined ? null : Buffer.from(address.ca)
  const request = `gRPC ${address.url.origin} (OpenTelemetry's exporter)`
  const notes: string[] = []
  const note = (...words: unknown[]) => void notes.push(words.map(String).join(' '))
  diag.setLogger(
    { verbose: note, debug: () => undefined, info: note, warn: note, error: note },
    { logLevel: DiagLogLevel.VERBOSE, suppressOverrideMessage: true },
  )
  const exporter = new OTLPTraceExporter({
    url: address.url.origin,
    credentials: secure ? grpc.credentials.createSsl(ca) : grpc.credentials.createInsecure(),
    metadata,
    timeoutMillis: timeoutMs,
  })
  try {
    const startedAt = performance.now()
    const { code, error } = await new Promise<{ code: number; error?: Error }>(resolve =>
      exporter.export(readableSpans(trace), resolve),
    )
    const acknowledgement = acknowledge(request, startedAt)
    if (code !== 0) throw refusal(request, error)
    const hidden = notes.find(text => told.retry.test(text) || told.partialSuccess.test(text))
    if (hidden !== undefined)
      throw new RequestError(redact(`${request}: refused at first, or in part: ${hidden}`), { whose: 'product' })
    return acknowledgement
  } finally {
    diag.disable()
    await exporter.shutdown()
  }
}

/** gRPC statuses that may pass by themselves: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE (grpc.io, status codes). */
const passing = new Set<unknown>([4, 8, 14])

/** PERMISSION_DENIED and UNAUTHENTICATED: the suite is not let in. */
const forbidden = new Set<unknown>([7, 16])

function refusal(request: string, cause: Error | undefined): Error {
  const message = redact(`${request}: ${cause?.message ?? 'not acknowledged, and no reason given'}`)
  if (tlsTrouble.test(message))
    return new RequestError(`${message}; check https or http in the URL, and caFile`, { cause })
  const code = cause !== undefined && 'code' in cause ? cause.code : undefined
  return passing.has(code) || code === undefined
    ? new TransientError(message, { cause })
    : new RequestError(message, { cause, whose: forbidden.has(code) ? 'environment' : 'product' })
}
