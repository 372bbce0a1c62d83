import type { PortName } from '../../faults/ports.ts'

/** A port of 127.0.0.1, or a Unix socket. */
export type Place = { readonly port: number } | { readonly socket: string }

/** One port of the lab with what stands behind it. */
export interface ProxiedPort {
  readonly name: PortName
  readonly listen: Place
  readonly upstream: Place
}
