import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Passes connections on, whatever is spoken on them, until it is closed. */
export interface TcpProxy extends Disposable {
  /** 127.0.0.1 and the port. */
  readonly host: string
  /** Nobody can connect any more, and who is connected is cut off. */
  close(): void
}

export async function startTcpProxy(upstream: URL): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const behind = connect({ host: upstream.hostname, port: Number(upstream.port) })
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.dispose]: close,
  }
}
