import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import { isDefect, RequestError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { Address } from '../target/target.ts'
import type { Encoding } from '../traces/encoding.ts'
import type { Trace } from '../traces/trace.ts'
import { type Acknowledgement, acknowledge } from './acknowledgement.ts'
import { excerpt, type HttpAnswer, isSomebodyElses, request } from './http.ts'
import { encodeJson } from './otlp-json.ts'
import { describePartialSuccess, encodeProtobuf, partialSuccess } from './otlp-protobuf.ts'

const path = '/v1/traces'
const contentTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const

export type HttpEncoding = Exclude<Encoding, 'gRPC'>

/**
 * Pushes a trace once, without a retry.
 * @throws TransientError when nothing answered, or 429 or 5xx did
 * @throws RequestError when it was refused, wholly or in part, with the receiver's status and message
 */
export async function sendOverHttp(
  address: Address,
  trace: Trace,
  encoding: HttpEncoding,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  if (encoding === 'HTTP JSON') return send(address, encodeJson(trace), contentTypes.json, encoding, signal)
  const body = await encodeProtobuf(trace)
  return send(address, body, contentTypes.protobuf, encoding, signal)
}

async function send(
  address: Address,
  body: string | Uint8Array,
  contentType: string,
  encoding: HttpEncoding,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const zipped = encoding === 'HTTP protobuf gzip'
  const headers = { 'content-type': contentType, ...(zipped ? { 'content-encoding': 'gzip' } : {}) }
  const sent = zipped ? await promisify(gzip)(body) : body
  const started = performance.now()
  const answer = await request(address, { method: 'POST', path, headers, body: sent, signal })
  const acknowledgement = acknowledge(`${answer.request} (${encoding})`, started)
  const partial = await partOf(answer)
  if (partial !== undefined)
    throw new RequestError(`${acknowledgement.request}: taken only in part, ${partial}`, { whose: 'product' })
  return acknowledgement
}

const jsonResponse = z.object({
  partialSuccess: z
    .object({ rejectedSpans: z.coerce.number().default(0), errorMessage: z.string().default('') })
    .default({ rejectedSpans: 0, errorMessage: '' }),
})

async function partOf(answer: HttpAnswer): Promise<string | undefined> {
  try {
    if (!answer.headers['content-type']?.startsWith(contentTypes.json)) return await partialSuccess(answer.body)
    const { partialSuccess: part } = jsonResponse.parse(JSON.parse(answer.body.toString('utf8')))
    return describePartialSuccess(part.rejectedSpans, part.errorMessage)
  } catch (cause) {
    const message = `${answer.request}: ${answer.status}, but what it said is no ExportTraceServiceResponse: ${excerpt(answer.body)}`
    if (isDefect(cause)) throw cause
    throw new RequestError(message, { cause, whose: 'product' })
  }
}

/** What a receiver answered to a push, not judged. */
export interface PushAnswer {
  readonly request: string
  readonly elapsedMs: number
  /** An HTTP status such as `400`, or the name of a gRPC status such as `RESOURCE_EXHAUSTED`. */
  readonly status: number | string
  /** The receiver's own text. */
  readonly message: string
}

/** Statuses by which a receiver may refuse; with 401, 403 and 407 it is the suite that is not let in. */
const refusals = Array.from({ length: 200 }, (_, index) => 400 + index).filter(
  status => ![401, 403, 407].includes(status),
)

/**
 * Pushes any bytes; every status that the receiver itself gives is an answer.
 * @throws TransientError when nothing answered; RequestError where the suite is not let in, or something else answers there
 */
export async function sendRawOverHttp(
  address: Address,
  body: string | Uint8Array,
  contentType: string,
  signal: AbortSignal,
): Promise<PushAnswer> {
  const headers = { 'content-type': contentType }
  const answer = await request(address, { method: 'POST', path, headers, body, signal, allowed: refusals })
  if (isSomebodyElses(answer.status, answer.body.toString('utf8'))) {
    const message = `${answer.request}: ${answer.status}, not from an OTLP receiver: ${excerpt(answer.body)}`
    throw new RequestError(`${message}; check the URL and its path`, { whose: 'environment' })
  }
  return {
    request: answer.request,
    elapsedMs: answer.elapsedMs,
    status: answer.status,
    message: redact(await messageOf(answer)),
  }
}

/** A refusal is a google.rpc.Status: JSON for JSON, else protobuf, whose field 2 is the message (OTLP/HTTP "Failures"). */
async function messageOf(answer: HttpAnswer): Promise<string> {
  const text = answer.body.toString('utf8')
  const type = answer.headers['content-type'] ?? ''
  if (type.startsWith(contentTypes.json)) {
    const parsed = z.object({ message: z.string() }).safeParse(safeJson(text))
    return parsed.success ? parsed.data.message : text
  }
  if (!type.startsWith(contentTypes.protobuf)) return text
  return statusMessage(answer.body)
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The message of an encoded google.rpc.Status: field 1 is its code, a varint; field 2 its message, a string. */
function statusMessage(bytes: Buffer): string {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    return value
  }
  while (at < bytes.length) {
    const tag = varint()
    if (tag === 0x12) {
      const length = varint()
      return bytes.toString('utf8', at, at + length)
    }
    if (tag !== 0x08) break
    varint()
  }
  return ''
}
