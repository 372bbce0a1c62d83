import { STATUS_CODES } from 'node:http'
import type { Agent } from 'undici'
import { type Answerer, describeError, isDefect, RequestError, TransientError } from '../errors.ts'
import { redact, Secret } from '../secret.ts'
import type { Address } from '../target/target.ts'
import type { Answer } from './answer.ts'

export interface HttpQuestion {
  /** GET where it is left out. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Below the path of the address's URL; begins with a slash. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly headers?: Readonly<Record<string, string | Secret>>
  readonly body?: string | Uint8Array
  readonly signal: AbortSignal
  /** Statuses beside 2xx that answer this question, such as 404 where absence is an answer. */
  readonly allowed?: readonly number[]
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** `GET http://...`; never holds a secret. */
  readonly request: string
  readonly elapsedMs: number
}

const transientCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped coming',
  UND_ERR_SOCKET: 'the connection was closed before the answer ended',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was closed before the answer ended',
}

/** Codes by which undici says that it was called in a wrong way. */
const misuse = /^(ERR_INVALID_|UND_ERR_(INVALID_|NOT_SUPPORTED))/

const agents = new Map<string | undefined, Promise<Agent>>()

/** One pool of kept-alive connections per certificate authority; idle connections do not keep the process alive. */
function agentFor(ca: string | undefined): Promise<Agent> {
  const agent =
    agents.get(ca) ??
    import('undici').then(
      ({ Agent }) => new Agent({ connect: { timeout: 10_000, ...(ca === undefined ? {} : { ca }) } }),
    )
  agents.set(ca, agent)
  return agent
}

/** The full URL of a question: the address's own path comes first. */
export function urlOf(address: Address, path: string, query: HttpQuestion['query'] = {}): URL {
  const url = new URL(address.url)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  url.username = ''
  url.password = ''
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

/** Headers as they go over the wire: the one place where secrets are revealed. */
export function revealHeaders(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value instanceof Secret ? value.reveal() : value,
    ]),
  )
}

/** The beginning of an answer's text for a message, on one line and without secrets. */
export function excerpt(body: Uint8Array | string): string {
  const text = redact(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
    .replaceAll(/\s+/g, ' ')
    .trim()
  return text.length <= 300 ? text : `${text.slice(0, 300)}...`
}

/**
 * Asks once, without a retry.
 * @throws TransientError when nothing answered, or 429 or 5xx did
 * @throws RequestError for any other status that the question does not allow: the product's, unless the suite is not let in
 * or something else answers there; and the environment's for TLS failures and for what is not HTTP
 */
export async function request(address: Address, question: HttpQuestion): Promise<HttpAnswer> {
  const method = question.method ?? 'GET'
  const url = urlOf(address, question.path, question.query)
  const name = redact(`${method} ${url.href}`)
  const [{ request: send }, dispatcher] = await Promise.all([import('undici'), agentFor(address.ca)])
  const started = performance.now()
  let status: number
  let headers: Record<string, string | string[] | undefined>
  let body: Buffer
  try {
    const response = await send(url, {
      method,
      dispatcher,
      headers: revealHeaders({ ...address.headers, ...question.headers }),
      body: question.body ?? null,
      signal: question.signal,
    })
    status = response.statusCode
    headers = response.headers
    body = Buffer.from(await response.body.arrayBuffer())
  } catch (cause) {
    throw connectionError(name, cause, question.signal)
  }
  if (!(status >= 200 && status < 300) && !question.allowed?.includes(status)) throw statusError(name, status, body)
  const flat = Object.entries(headers).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return { status, headers: Object.fromEntries(flat), body, request: name, elapsedMs: performance.now() - started }
}

/**
 * What a failure to exchange anything means: worth asking again, definite, the caller's own end, or a defect of the suite.
 * @param whose who was asked
 */
export function connectionError(
  name: string,
  cause: unknown,
  signal: AbortSignal,
  whose: Answerer = 'product',
): unknown {
  const about = { cause, whose }
  if (signal.aborted) {
    const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
    return timedOut ? new TransientError(`${name}: no answer in time`, about) : signal.reason
  }
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const meaning = transientCodes[code]
  if (meaning !== undefined) return new TransientError(`${name}: ${code}, ${meaning}`, about)
  if (cause instanceof Error && (cause.name === 'HTTPParserError' || code.startsWith('HPE_'))) {
    const reason = code || cause.message
    // An answer that comes in chunks and is cut off is one that ends in the wrong state.
    return /EOF/.test(reason)
      ? new TransientError(`${name}: the connection was closed before the answer ended (${reason})`, about)
      : new RequestError(`${name}: what answered does not speak HTTP/1.1 (${reason})`, { cause })
  }
  if (isTlsCode(code)) {
    const reason = redact(describeError(cause)).trim().split('\n')[0]
    const advice = 'check https or http in the URL, its host name, and caFile'
    return new RequestError(`${name}: TLS failed (${code}): ${reason}; ${advice}`, { cause })
  }
  // Nothing has been decoded yet, so this is no damage that an answer did.
  if (cause instanceof TypeError || cause instanceof ReferenceError || misuse.test(code)) return cause
  return new RequestError(`${name}: ${redact(describeError(cause))}`, { cause })
}

function isTlsCode(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$)/.test(code)
}

function statusError(name: string, status: number, body: Buffer): Error {
  const text = excerpt(body)
  const message = `${name}: ${describeStatus(status)}${text === '' ? '' : `, ${text}`}`
  if (status === 429 || status >= 500) return new TransientError(message)
  if (forbidden.has(status)) return new RequestError(message, { whose: 'environment' })
  if (isSomebodyElses(status, text))
    return new RequestError(`${message}; check the URL and its path`, { whose: 'environment' })
  return new RequestError(message, { whose: 'product' })
}

/** The suite is not let in: 401, 403, and 407 of a proxy on the way (RFC 9110). */
const forbidden = new Set([401, 403, 407])

/**
 * Whether an answer is not that of the asked interface but tells of a wrong address: a redirection, a router that knows no
 * such path (Go's net/http, or a page of a web server), HTTP spoken to a port of Go's net/http that has HTTPS only.
 */
export function isSomebodyElses(status: number, text: string): boolean {
  if (status >= 300 && status < 400) return true
  if (status === 404) return /^404 page not found|^<(!doctype )?html/i.test(text.trim())
  return status === 400 && text.includes('Client sent an HTTP request to an HTTPS server')
}

/** `401 Unauthorized`. */
function describeStatus(status: number): string {
  const name = STATUS_CODES[status]
  return name === undefined ? String(status) : `${status} ${name}`
}

/** The body of an answer, read. @throws RequestError where it cannot be: it is the product that answered so */
export function parsedBody<T>(answer: HttpAnswer, parse: (text: string) => T): Answer<T> {
  const { request: asked, elapsedMs, status, body } = answer
  try {
    return { request: asked, elapsedMs, value: parse(body.toString('utf8')) }
  } catch (cause) {
    if (isDefect(cause)) throw cause
    const why = cause instanceof RequestError ? cause.message : `${status}, but it cannot be read: ${excerpt(body)}`
    throw new RequestError(`${asked}: ${why}`, { cause, whose: 'product' })
  }
}
