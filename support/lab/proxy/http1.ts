import { createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, request as tlsRequest } from 'node:https'
import type { Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { PortName } from '../../faults/ports.ts'
import type { Outcome } from './exchange.ts'
import { type Asked, type Headers, headerOf, type Reply } from './message.ts'
import type { Place } from './place.ts'
import { uncompressed } from './structures.ts'

export interface Tls {
  /** PEM: what is shown to clients. */
  readonly certificate: string
  readonly key: string
  /** PEM: whom the server's own certificate must be signed by. */
  readonly authority: string
}

/** Decides on one request; `clientPort` tells whose connection it came by, and is reset here where that is the outcome. */
export type Exchange = (
  asked: Asked,
  forward: (asked: Asked) => Promise<Reply>,
  clientPort: number | undefined,
) => Promise<Outcome>

const chunksPerSecond = 10
/** These belong to one connection, not to the message. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'upgrade'])

/** Speaks HTTP/1.1 with clients on the sockets that it is given, and with the server behind. */
export function http1Server(port: PortName, upstream: Place, tls: Tls | undefined, exchange: Exchange): Server {
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    serve(port, upstream, tls, exchange, incoming, response).catch(() => incoming.socket.destroy())
  }
  return tls === undefined
    ? createServer(listener)
    : createTlsServer({ cert: tls.certificate, key: tls.key, ALPNProtocols: ['http/1.1'] }, listener)
}

async function serve(
  port: PortName,
  upstream: Place,
  tls: Tls | undefined,
  exchange: Exchange,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const whole = uncompressed(headersOf(incoming), await buffer(incoming))
  const asked = { port, method: incoming.method ?? 'GET', path: incoming.url ?? '/', ...whole }
  const outcome = await exchange(asked, changed => forward(upstream, tls, changed), incoming.socket.remotePort)
  if (outcome.kind === 'reset') {
    incoming.socket.destroy()
    return
  }
  await answer(asked, outcome, incoming, response)
}

async function answer(
  { method }: Asked,
  { reply, bytesPerSecond, cutAfter }: Extract<Outcome, { kind: 'reply' }>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = reply
  const bodiless = method === 'HEAD' || status === 204 || status === 304
  const length = bodiless ? {} : { 'content-length': body.length }
  // To HEAD the server tells the length of a body that it does not send.
  const told =
    method === 'HEAD' && 'content-length' in headers ? { 'content-length': headerOf(headers, 'content-length') } : {}
  response.writeHead(status, { ...(without(headers) as Record<string, string>), ...length, ...told })
  if (bodiless) {
    response.end()
    return
  }
  const sent = body.subarray(0, cutAfter)
  if (bytesPerSecond === undefined) response.write(sent)
  else await writeSlowly(response, sent, bytesPerSecond)
  if (cutAfter !== undefined && cutAfter < body.length) {
    // What was written must leave this process before the connection ends.
    await new Promise(resolve => response.write('', resolve))
    incoming.socket.destroy()
  } else response.end()
}

async function writeSlowly(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  const size = Math.max(1, Math.round(bytesPerSecond / chunksPerSecond))
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    response.write(body.subarray(at, at + size))
    await pause(1_000 / chunksPerSecond)
  }
}

/** Asks the server; where it cannot be asked, so the client shall see it: the error ends its connection. */
function forward(upstream: Place, tls: Tls | undefined, { method, path, headers, body }: Asked): Promise<Reply> {
  const place = 'port' in upstream ? { host: '127.0.0.1', port: upstream.port } : { socketPath: upstream.socket }
  const length = body.length > 0 || method === 'POST' || method === 'PUT' ? { 'content-length': body.length } : {}
  const options = { ...place, method, path, headers: { ...(without(headers) as Record<string, string>), ...length } }
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const outgoing = tls === undefined ? plainRequest(options) : tlsRequest({ ...options, ca: tls.authority })
  outgoing.once('response', response => {
    buffer(response).then(
      all => resolve({ status: response.statusCode ?? 502, headers: headersOf(response), body: all }),
      reject,
    )
  })
  outgoing.once('error', reject)
  outgoing.end(body)
  return promise
}

function headersOf(message: IncomingMessage): Headers {
  return Object.fromEntries(
    Object.entries(message.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function without(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)))
}
