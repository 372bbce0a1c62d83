import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Agent, request } from 'undici'

/** What was asked of the proxy. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Answers in the place of the server, which `forward` asks. */
export type Fault = (asked: Asked, forward: () => Promise<Reply>) => Promise<Reply>

/** Stands before an HTTP server and can lie about it. */
export interface HttpProxy extends AsyncDisposable {
  readonly url: string
  /** Nobody can connect any more, and who is connected is cut off. */
  close(): void
}

/** An answer made up by a fault. */
export function reply(status: number, body: string | Buffer, type = 'application/json'): Reply {
  return { status, headers: { 'content-type': type }, body: Buffer.from(body) }
}

/** A proxy before a server that is faithful where the fault is. */
export async function startHttpProxy(upstream: string, fault: Fault): Promise<HttpProxy> {
  const agent = new Agent()
  const server = createServer((incoming, response) => {
    serve(agent, upstream, fault, incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.asyncDispose]: async () => {
      close()
      await agent.destroy()
    },
  }
}

async function serve(
  dispatcher: Agent,
  upstream: string,
  fault: Fault,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: incoming.headers,
    body: await buffer(incoming),
  }
  const { status, headers, body } = await fault(asked, () => forward(dispatcher, upstream, asked))
  const { 'transfer-encoding': _, connection: __, 'content-length': ___, ...kept } = headers
  response.writeHead(status, { ...kept, 'content-length': body.length }).end(body)
}

async function forward(dispatcher: Agent, upstream: string, { method, path, headers, body }: Asked): Promise<Reply> {
  const { host: _, connection: __, 'content-length': ___, ...kept } = headers
  const response = await request(upstream + path, {
    method: method as 'GET',
    dispatcher,
    headers: kept,
    body: method === 'GET' || method === 'HEAD' ? null : body,
  })
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.from(await response.body.arrayBuffer()),
  }
}
