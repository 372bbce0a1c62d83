import type { PortName } from '../../faults/ports.ts'
import type { Outcome } from './exchange.ts'
import type { Asked, Reply } from './message.ts'
import type { Place } from './place.ts'

/** What a protocol needs to serve a port. */
export interface Speaker {
  readonly port: PortName
  readonly upstream: Place
  /**
   * Decides on one request.
   * @param forward undefined where the server cannot be asked
   */
  exchange(asked: Asked, forward: (asked: Asked) => Promise<Reply | undefined>): Promise<Outcome>
  /** Resets the connection of the client that came from this port of its own; there is none over a Unix socket. */
  reset(clientPort: number | undefined): void
  /** Told of what should not happen: a fault of the proxy itself. */
  failed(error: unknown): void
}
