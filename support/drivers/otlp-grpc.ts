import type { Client, Metadata, ServiceError } from '@grpc/grpc-js'
import { isDefect, RequestError, TransientError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { Address } from '../target/target.ts'
import type { Trace } from '../traces/trace.ts'
import { type Acknowledgement, acknowledge } from './acknowledgement.ts'
import { revealHeaders } from './http.ts'
import type { PushAnswer } from './otlp-http.ts'
import { encodeProtobuf, partialSuccess } from './otlp-protobuf.ts'

/** The one method of OTLP's collector (opentelemetry/proto/collector/trace/v1/trace_service.proto). */
const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

/**
 * A channel to an OTLP receiver. OpenTelemetry's exporter is not used, because it logs a partial success instead of telling
 * it, cannot be interrupted and reads the environment; the bytes are those of its encoder, and the channel is the same
 * library's with retries switched off, so that the first refusal is seen.
 */
export class OtlpGrpcChannel implements Disposable {
  readonly #client: Client
  readonly #metadata: Metadata
  readonly request: string

  private constructor(client: Client, metadata: Metadata, request: string) {
    this.#client = client
    this.#metadata = metadata
    this.request = request
  }

  /** Connects on the first push, anew, whatever other channels there are. */
  static async open(address: Address): Promise<OtlpGrpcChannel> {
    const grpc = await import('@grpc/grpc-js')
    const ca = address.ca === undefined ? null : Buffer.from(address.ca)
    const secure = address.url.protocol === 'https:'
    const metadata = new grpc.Metadata()
    for (const [name, value] of Object.entries(revealHeaders(address.headers))) metadata.set(name, value)
    const port = address.url.port || (secure ? '443' : '80')
    const credentials = secure ? grpc.credentials.createSsl(ca) : grpc.credentials.createInsecure()
    const client = new grpc.Client(`${address.url.hostname}:${port}`, credentials, {
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    })
    return new OtlpGrpcChannel(client, metadata, `gRPC ${address.url.protocol}//${address.url.host}${method}`)
  }

  /**
   * Pushes an encoded ExportTraceServiceRequest once.
   * @throws TransientError when nothing answered, or UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED or DEADLINE_EXCEEDED did
   * @throws RequestError when it was refused, wholly or in part, with the receiver's status and message
   */
  async send(body: Uint8Array, signal: AbortSignal): Promise<Acknowledgement> {
    const started = performance.now()
    const outcome = await this.#call(body, signal)
    const acknowledgement = acknowledge(this.request, started)
    if (outcome instanceof Error) throw await this.#refusal(outcome)
    const partial = await this.#partOf(outcome)
    if (partial !== undefined)
      throw new RequestError(`${this.request}: taken only in part, ${partial}`, { whose: 'product' })
    return acknowledgement
  }

  /**
   * Pushes any bytes; every status that the receiver itself gives is an answer.
   * @throws TransientError when nothing answered; RequestError where the suite is not let in
   */
  async sendRaw(body: Uint8Array, signal: AbortSignal): Promise<PushAnswer> {
    const started = performance.now()
    const outcome = await this.#call(body, signal)
    const elapsedMs = performance.now() - started
    if (!(outcome instanceof Error)) return { request: this.request, elapsedMs, status: 'OK', message: '' }
    const { status } = await import('@grpc/grpc-js')
    const forbidden = outcome.code === status.UNAUTHENTICATED || outcome.code === status.PERMISSION_DENIED
    if (forbidden || connectionTrouble.test(outcome.details)) throw await this.#refusal(outcome)
    return { request: this.request, elapsedMs, status: status[outcome.code], message: redact(outcome.details) }
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }

  async #call(body: Uint8Array, signal: AbortSignal): Promise<Buffer | ServiceError> {
    signal.throwIfAborted()
    const { promise, resolve } = Promise.withResolvers<Buffer | ServiceError>()
    const call = this.#client.makeUnaryRequest<Buffer, Buffer>(
      method,
      bytes => bytes,
      bytes => bytes,
      Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      this.#metadata,
      {},
      (error, value) => resolve(error ?? value ?? Buffer.alloc(0)),
    )
    const cancel = () => call.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const outcome = await promise
      if (outcome instanceof Error && signal.aborted) throw this.#ended(outcome, signal)
      return outcome
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async #partOf(response: Buffer): Promise<string | undefined> {
    try {
      return await partialSuccess(response)
    } catch (cause) {
      if (isDefect(cause)) throw cause
      const message = `${this.request}: OK, but what it said is no ExportTraceServiceResponse`
      throw new RequestError(message, { cause, whose: 'product' })
    }
  }

  #ended(cause: ServiceError, signal: AbortSignal): unknown {
    const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
    return timedOut ? new TransientError(`${this.request}: no answer in time`, { cause }) : signal.reason
  }

  async #refusal(cause: ServiceError): Promise<Error> {
    const { status } = await import('@grpc/grpc-js')
    const details = redact(cause.details)
      .replace(/ Resolution note: *$/, '')
      .replaceAll(/\s+/g, ' ')
    const message = `${this.request}: ${status[cause.code]}, ${details || 'no reason given'}`
    if (tlsTrouble.test(details))
      return new RequestError(`${message}; check https or http in the URL, and caFile`, { cause, whose: 'environment' })
    const passing = [status.UNAVAILABLE, status.RESOURCE_EXHAUSTED, status.ABORTED, status.DEADLINE_EXCEEDED]
    const definite = !passing.includes(cause.code) || tooLarge.test(details)
    if (!definite) return new TransientError(message, { cause })
    const forbidden = cause.code === status.UNAUTHENTICATED || cause.code === status.PERMISSION_DENIED
    return new RequestError(message, { cause, whose: forbidden ? 'environment' : 'product' })
  }
}

/** How the gRPC library words that no server answered; these come with UNAVAILABLE, as a server's own refusal may. */
const connectionTrouble = /^(No connection established|Connection dropped|Name resolution failed|read E|connect E)/
export const tlsTrouble = /certificate|altnames|SSL routines|wrong version number/i
/** A message over the receiver's size limit will not be taken the next time either. */
const tooLarge = /larger than max/

/** Pushes a trace once over a channel of its own, as `OtlpGrpcChannel.send` does. */
export async function sendOverGrpc(address: Address, trace: Trace, signal: AbortSignal): Promise<Acknowledgement> {
  const body = await encodeProtobuf(trace)
  using channel = await OtlpGrpcChannel.open(address)
  return await channel.send(body, signal)
}

/** Pushes any bytes once over a channel of its own, as `OtlpGrpcChannel.sendRaw` does. */
export async function sendRawOverGrpc(address: Address, body: Uint8Array, signal: AbortSignal): Promise<PushAnswer> {
  using channel = await OtlpGrpcChannel.open(address)
  return await channel.sendRaw(body, signal)
}
