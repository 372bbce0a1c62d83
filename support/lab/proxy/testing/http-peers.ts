import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from 'node:http'
import { type RequestOptions, request as tlsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'

/** A request as it reached a server, or an answer as it reached a client: whole, headers with their letters. */
export interface Seen {
  readonly line: string
  readonly headers: readonly string[]
  readonly body: string
}

export type Answer = Partial<{ status: number; headers: OutgoingHttpHeaders; body: string | Buffer }> | 'reset' | 'half'

/** Answers as it is told, with what it was sent where it is told nothing, and remembers what reached it. */
export class RecordingServer {
  readonly seen: Seen[] = []
  answer: (path: string) => Answer = () => ({})
  readonly server: Server

  constructor(
    make: (listener: RequestListener) => Server = listener => createServer({ maxHeaderSize: 2 ** 20 }, listener),
  ) {
    this.server = make(async (incoming: IncomingMessage, response) => {
      const body = await buffer(incoming)
      this.seen.push({
        line: `${incoming.method} ${incoming.url}`,
        headers: incoming.rawHeaders,
        body: body.toString('latin1'),
      })
      this.server.emit('reached')
      const answer = this.answer(incoming.url ?? '')
      if (answer === 'reset') {
        incoming.socket.resetAndDestroy()
        return
      }
      if (answer === 'half') {
        response.writeHead(200, { 'content-length': 100 }).write('half', () => incoming.socket.destroy())
        return
      }
      response.writeHead(answer.status ?? 200, answer.headers)
      response.end(answer.body ?? body)
    })
  }

  /** So many requests have reached it. */
  async reached(count: number): Promise<void> {
    while (this.seen.length < count) await once(this.server, 'reached')
  }
}

/** Asks over a connection of its own. What comes in place of an answer is an error with the code of the socket. */
export async function ask(
  to: Pick<RequestOptions, 'port' | 'socketPath' | 'ca' | 'agent'>,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: string | Buffer } = {},
): Promise<Seen & { readonly status: number }> {
  const make = to.ca === undefined ? request : tlsRequest
  const outgoing = make({ host: '127.0.0.1', agent: false, ...to, path, ...options })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const whole = await buffer(response)
  return {
    status: response.statusCode ?? 0,
    line: `${response.statusCode} ${response.statusMessage}`,
    headers: response.rawHeaders,
    body: whole.toString('latin1'),
  }
}

export function headerIn({ headers }: Seen, name: string): string | undefined {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name)
  return at < 0 ? undefined : headers[at + 1]
}
