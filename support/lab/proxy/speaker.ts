import type { PortName } from '../../faults/ports.ts'
import type { Outcome } from './exchange.ts'
import type { Asked, Reply } from './message.ts'
import type { Place } from './place.ts'

/** What a protocol needs to serve a port. */
export interface Speaker {
  readonly port: PortName
  readonly upstream: Place
  /**
   * Decides on one request. `clientPort` tells whose connection it came by, which is reset here where that is the outcome.
   * @param forward undefined where the server cannot be asked
   */
  exchange(
    asked: Asked,
    forward: (asked: Asked) => Promise<Reply | undefined>,
    clientPort: number | undefined,
  ): Promise<Outcome>
  /** Told of what should not happen: a fault of the proxy itself. */
  failed(error: unknown): void
}
