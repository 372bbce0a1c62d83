import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

/** Status and message of a call; status 0 is an acknowledgement (grpc/doc/statuscodes.md). */
export interface GrpcAnswer {
  readonly status: number
  /** ASCII. */
  readonly message?: string
}

/** An OTLP receiver over gRPC that keeps nothing, whatever it says. */
export interface GrpcReceiver extends Disposable {
  readonly url: string
  /** Calls that it has answered. */
  calls(): number
}

/** One message of no bytes (an ExportTraceServiceResponse), as gRPC frames it: not compressed, length 0. */
const emptyMessage = Buffer.alloc(5)

/** Speaks as much of gRPC over HTTP/2 as a unary call needs (grpc/doc/PROTOCOL-HTTP2.md). */
export async function startGrpcReceiver(answer: (headers: IncomingHttpHeaders) => GrpcAnswer): Promise<GrpcReceiver> {
  let calls = 0
  const sessions = new Set<Http2Session>()
  const server = createServer()
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => stream.destroy())
    stream.resume()
    stream.once('end', () => {
      calls += 1
      const { status, message = '' } = answer(headers)
      const trailers = { 'grpc-status': String(status), 'grpc-message': message.replaceAll('%', '%25') }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.once('wantTrailers', () => stream.sendTrailers(trailers))
      stream.end(status === 0 ? emptyMessage : undefined)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    [Symbol.dispose]: () => {
      server.close()
      for (const session of sessions) session.destroy()
    },
  }
}
