import { rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Place } from './place.ts'

/** Takes the connections of one port, and passes each on unopened, to an engine, or not at all. */
export class Gate {
  readonly #listen: Place
  readonly #upstream: Place
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #engine: Server | undefined
  #rejects: () => boolean = () => false

  constructor(listen: Place, upstream: Place) {
    this.#listen = listen
    this.#upstream = upstream
  }

  /** @throws where the place cannot be listened on */
  async open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ allowHalfOpen: true, noDelay: true }, client => this.#take(client))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      if ('port' in this.#listen) server.listen(this.#listen.port, '127.0.0.1', resolve)
      else server.listen(this.#listen.socket, resolve)
    })
    this.#server = server
  }

  /** Nobody can connect any more, and who is connected is cut off. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.disconnect()
    if (server === undefined) return
    await new Promise(resolve => server.close(resolve))
    if ('socket' in this.#listen) rmSync(this.#listen.socket, { force: true })
  }

  /**
   * From now on connections go to this engine; undefined: they are passed on unopened. Those that are there are cut off.
   * @param rejects asked for each attempt to connect: whether it is cut off at once
   */
  use(engine: Server | undefined, rejects: () => boolean): void {
    this.#engine = engine
    this.#rejects = rejects
    this.disconnect()
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Resets the connection of the client that came from this port of its own; without one, there is nothing to reset. */
  reset(clientPort: number | undefined): void {
    for (const socket of this.#sockets) if (clientPort !== undefined && socket.remotePort === clientPort) cut(socket)
  }

  #take(client: Socket): void {
    if (this.#rejects()) {
      cut(client)
      return
    }
    this.#keep(client)
    if (this.#engine === undefined) this.#passOn(client)
    else {
      // Half-open connections are for passing on only: an engine expects its end to follow the client's.
      client.allowHalfOpen = false
      this.#engine.emit('connection', client)
    }
  }

  #passOn(client: Socket): void {
    const options =
      'port' in this.#upstream ? { host: '127.0.0.1', port: this.#upstream.port } : { path: this.#upstream.socket }
    const server = connect({ ...options, allowHalfOpen: true, noDelay: true })
    this.#keep(server)
    client.pipe(server)
    server.pipe(client)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.once('error', () => (other.connecting ? other.destroy() : cut(other)))
      // What it sent before it ended is still to be passed on.
      one.once('close', () => other.destroySoon())
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

/**
 * Resets a connection, where there is a reset: only TCP has it, and not while the socket is shutting down. Node would fail
 * with EINVAL then and never close the socket, and a thread that has such a socket cannot be ended.
 */
function cut(socket: Socket): void {
  if (socket.remotePort === undefined || (socket.writableEnded && !socket.writableFinished)) socket.destroy()
  else socket.resetAndDestroy()
}
