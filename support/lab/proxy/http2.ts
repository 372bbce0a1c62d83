import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Outcome } from './exchange.ts'
import { type Asked, type Headers, headerOf, type Reply } from './message.ts'
import { paced } from './pace.ts'
import type { Speaker } from './speaker.ts'

/** Megabytes that a session may hold: a push far over every limit must get through to the receiver that refuses it. */
const maxSessionMemory = 1_000

/** Speaks HTTP/2 without TLS (gRPC) with clients on the sockets that it is given, and with the server behind. */
export function http2Server(speaker: Speaker): Server {
  const { upstream } = speaker
  if (!('port' in upstream)) throw new TypeError(`${speaker.port} speaks HTTP/2 and is no Unix socket`)
  const server = createServer({ maxSessionMemory })
  let session: ClientHttp2Session | undefined
  const sessionBehind = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(`http://127.0.0.1:${upstream.port}`, { maxSessionMemory })
      // Whoever asks over it is told by the stream's own error.
      session.on('error', () => undefined)
      session.unref()
    }
    return session
  }
  server.on('sessionError', () => undefined)
  server.on('close', () => session?.destroy())
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    serve(speaker, sessionBehind, stream, headers).catch((error: unknown) => {
      stream.session?.destroy()
      speaker.failed(error)
    })
  })
  return server
}

async function serve(
  { port, exchange, reset }: Speaker,
  sessionBehind: () => ClientHttp2Session,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const body = await buffer(stream).catch(() => undefined)
  if (body === undefined) return
  const [method, path] = [headers[':method'] ?? 'POST', headers[':path'] ?? '/']
  const asked = { port, method, path, headers: plain(headers), body }
  const authority = headers[':authority'] ?? '127.0.0.1'
  const outcome = await exchange(asked, changed => forward(sessionBehind(), authority, changed))
  if (stream.destroyed || stream.closed) return
  if (outcome.kind === 'reply') {
    await answer(stream, outcome)
    return
  }
  reset(stream.session?.socket.remotePort)
  stream.session?.destroy()
}

async function answer(
  stream: ServerHttp2Stream,
  { reply, bytesPerSecond, cutAfter }: Extract<Outcome, { kind: 'reply' }>,
): Promise<void> {
  const { status, headers, body, trailers } = reply
  const head = { ...plainOf(headers), ':status': status }
  if (body.length === 0 && trailers === undefined) {
    stream.respond(head, { endStream: true })
    return
  }
  stream.respond(head, { waitForTrailers: trailers !== undefined })
  if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(plainOf(trailers)))
  for await (const part of paced(body.subarray(0, cutAfter), bytesPerSecond)) {
    if (stream.destroyed || stream.closed) return
    await new Promise(written => stream.write(part, written))
  }
  if (cutAfter === undefined) stream.end()
  else stream.session?.destroy()
}

/** Undefined where the server ends the stream before the answer is whole. */
async function forward(session: ClientHttp2Session, authority: string, asked: Asked): Promise<Reply | undefined> {
  const { method, path, headers, body } = asked
  const head = { ...plainOf(headers), ':method': method, ':path': path, ':authority': authority, ':scheme': 'http' }
  const stream = session.request(head, { endStream: body.length === 0 })
  const { promise, resolve } = Promise.withResolvers<Reply | undefined>()
  const chunks: Buffer[] = []
  let answered: IncomingHttpHeaders | undefined
  let trailers: IncomingHttpHeaders | undefined
  stream.on('response', head => {
    answered = head
  })
  stream.on('trailers', trailing => {
    trailers = trailing
  })
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A receiver may answer before it has read everything, and then close the stream under the rest.
  stream.on('error', () => undefined)
  stream.on('close', () => {
    if (answered === undefined || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return resolve(undefined)
    const reply = { status: Number(answered[':status']), headers: plain(answered), body: Buffer.concat(chunks) }
    // gRPC tells its status at the end, in trailers or in headers alone; Node does not tell a cut end from a whole one.
    const ofGrpc = headerOf(reply.headers, 'content-type').startsWith('application/grpc')
    const cut = ofGrpc && trailers === undefined && !('grpc-status' in reply.headers)
    if (cut) return resolve(undefined)
    resolve(trailers === undefined ? reply : { ...reply, trailers: plain(trailers) })
  })
  if (body.length > 0) stream.end(body)
  return await promise
}

/** Without pseudo headers, and without the length: the body may change. */
function plain(headers: IncomingHttpHeaders): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith(':') || name === 'content-length' ? [] : [[name, value]],
    ),
  )
}

function plainOf(headers: Headers): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
}
