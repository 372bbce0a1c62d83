import { Agent, createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Outcome } from './exchange.ts'
import { type Asked, type Headers, headerOf, type Reply } from './message.ts'
import { paced } from './pace.ts'
import type { Place } from './place.ts'
import type { Speaker } from './speaker.ts'

export interface Tls {
  /** PEM: what is shown to clients. */
  readonly certificate: string
  readonly key: string
  /** PEM: whom the server's own certificate must be signed by. */
  readonly authority: string
}

/** These belong to one connection, not to the message. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'upgrade'])
/** Go's limit, which is the servers'; and a connection is as old as server and client let it become. */
const asGenerousAsServers = { maxHeaderSize: 2 ** 20, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 }

/** Speaks HTTP/1.1 with clients on the sockets that it is given, and with the server behind. */
export function http1Server(speaker: Speaker, tls: Tls | undefined): Server {
  const forward = serverBehind(speaker.upstream, tls)
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    // A client may be gone when its answer comes.
    response.on('error', () => undefined)
    serve(speaker, forward, incoming, response).catch((error: unknown) => {
      incoming.socket.destroy()
      speaker.failed(error)
    })
  }
  const server =
    tls === undefined
      ? createServer(asGenerousAsServers, listener)
      : createTlsServer(
          { ...asGenerousAsServers, cert: tls.certificate, key: tls.key, ALPNProtocols: ['http/1.1'] },
          listener,
        )
  server.once('close', () => forward.close())
  return server
}

async function serve(
  { port, exchange, reset }: Speaker,
  forward: ServerBehind,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(incoming).catch(() => undefined)
  if (body === undefined) return
  const asked = {
    port,
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: headersOf(incoming),
    body,
  }
  const outcome = await exchange(asked, forward.ask)
  const { socket } = incoming
  // A client that has ended its connection is going, or gone: there is nobody to be told.
  if (socket.writableEnded || socket.destroyed) return
  if (outcome.kind === 'reply') {
    await answer(asked, outcome, incoming, response)
    return
  }
  reset(socket.remotePort)
  socket.destroy()
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
  response.writeHead(status, { ...ofMessage(headers), ...length, ...told })
  if (bodiless) {
    response.end()
    return
  }
  for await (const part of paced(body.subarray(0, cutAfter), bytesPerSecond)) {
    if (response.destroyed) return
    response.write(part)
  }
  // What was written leaves before the connection ends.
  if (cutAfter === undefined) response.end()
  else incoming.socket.destroySoon()
}

interface ServerBehind {
  ask(asked: Asked): Promise<Reply | undefined>
  close(): void
}

function serverBehind(upstream: Place, tls: Tls | undefined): ServerBehind {
  const place = 'port' in upstream ? { host: '127.0.0.1', port: upstream.port } : { socketPath: upstream.socket }
  const [agent, request] =
    tls === undefined
      ? [new Agent({ keepAlive: true }), plainRequest]
      : // Without a name of its own it would be the one in the Host header, which is the client's.
        [new TlsAgent({ keepAlive: true, ca: tls.authority, servername: '' }), tlsRequest]
  const ask = ({ method, path, headers, body }: Asked): Promise<Reply | undefined> => {
    const hasBody = body.length > 0 || 'content-length' in headers || 'transfer-encoding' in headers
    const length = hasBody ? { 'content-length': body.length } : {}
    const { maxHeaderSize } = asGenerousAsServers
    const options = { ...place, agent, maxHeaderSize, method, path, headers: { ...ofMessage(headers), ...length } }
    const { promise, resolve } = Promise.withResolvers<Reply | undefined>()
    const outgoing = request(options, response => {
      buffer(response).then(
        all => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: all }),
        () => resolve(undefined),
      )
    })
    outgoing.once('error', () => resolve(undefined))
    outgoing.end(body)
    return promise
  }
  return { ask, close: () => agent.destroy() }
}

function headersOf(message: IncomingMessage): Headers {
  return Object.fromEntries(
    Object.entries(message.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function ofMessage(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !ofConnection.has(name))
      .map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
}
