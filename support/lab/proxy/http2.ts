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
import type { PortName } from '../../faults/ports.ts'
import type { Exchange } from './http1.ts'
import type { Asked, Headers, Reply } from './message.ts'

/** Megabytes that a session may hold: a push far over every limit must get through to the receiver that refuses it. */
const maxSessionMemory = 1_000

/** Speaks HTTP/2 without TLS (gRPC) with clients on the sockets that it is given, and with the server behind. */
export function http2Server(port: PortName, upstream: { readonly port: number }, exchange: Exchange): Server {
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
    serve(port, sessionBehind, exchange, stream, headers).catch(() => stream.session?.destroy())
  })
  return server
}

async function serve(
  port: PortName,
  sessionBehind: () => ClientHttp2Session,
  exchange: Exchange,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const asked = {
    port,
    method: headers[':method'] ?? 'POST',
    path: headers[':path'] ?? '/',
    headers: plain(headers),
    body: await buffer(stream),
  }
  const authority = headers[':authority'] ?? '127.0.0.1'
  const clientPort = stream.session?.socket.remotePort
  const outcome = await exchange(asked, changed => forward(sessionBehind(), authority, changed), clientPort)
  if (stream.destroyed) return
  if (outcome.kind === 'reset') {
    stream.session?.destroy()
    return
  }
  const { reply, cutAfter } = outcome
  if (cutAfter !== undefined && cutAfter < reply.body.length) {
    stream.respond({ ...plainOf(reply.headers), ':status': reply.status })
    stream.write(reply.body.subarray(0, cutAfter), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
    return
  }
  answer(stream, reply)
}

function answer(stream: ServerHttp2Stream, { status, headers, body, trailers }: Reply): void {
  const head = { ...plainOf(headers), ':status': status }
  if (trailers !== undefined && body.length === 0) {
    // Trailers alone: one block of headers that ends the stream.
    stream.respond({ ...head, ...plainOf(trailers) }, { endStream: true })
    return
  }
  stream.respond(head, { waitForTrailers: trailers !== undefined })
  if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(plainOf(trailers)))
  stream.end(body)
}

async function forward(session: ClientHttp2Session, authority: string, asked: Asked): Promise<Reply> {
  const { method, path, headers, body } = asked
  const head = { ...plainOf(headers), ':method': method, ':path': path, ':authority': authority, ':scheme': 'http' }
  const stream = session.request(head, { endStream: body.length === 0 })
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const chunks: Buffer[] = []
  let answered: (Headers & { readonly status: string }) | undefined
  let trailers: Headers | undefined
  stream.on('response', answer => {
    answered = { ...plain(answer), status: String(answer[':status'] ?? 200) }
  })
  stream.on('trailers', (trailing: IncomingHttpHeaders) => {
    trailers = plain(trailing)
  })
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('error', error => {
    // A receiver may answer before it has read everything, and then close the stream under the rest.
    if (answered === undefined) reject(error)
  })
  stream.on('close', () => {
    if (answered === undefined) return reject(new Error('the server closed the stream without an answer'))
    const { status, ...kept } = answered
    const all = Buffer.concat(chunks)
    resolve(replyOf(Number(status), kept, all, trailers))
  })
  if (body.length > 0) stream.end(body)
  return await promise
}

/** A failed gRPC call has its status among the headers, since there is nothing between headers and trailers. */
function replyOf(status: number, headers: Headers, body: Buffer, trailers: Headers | undefined): Reply {
  if (trailers !== undefined) return { status, headers, body, trailers }
  if (!('grpc-status' in headers)) return { status, headers, body }
  const own = Object.entries(headers)
  return {
    status,
    body,
    headers: Object.fromEntries(own.filter(([name]) => !name.startsWith('grpc-'))),
    trailers: Object.fromEntries(own.filter(([name]) => name.startsWith('grpc-'))),
  }
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
