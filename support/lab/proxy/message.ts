import type { PortName } from '../../faults/ports.ts'

/** Header names in lower case; HTTP/2's pseudo headers are not among them. */
export type Headers = Readonly<Record<string, string | readonly string[]>>

/** A request as it came to a port of the lab, whole. */
export interface Asked {
  readonly port: PortName
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Headers
  readonly body: Buffer
}

/** An answer, whole. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** Only HTTP/2 (gRPC) has them. */
  readonly trailers?: Headers
}

export function headerOf(headers: Headers, name: string): string {
  const value = headers[name.toLowerCase()]
  return value === undefined ? '' : typeof value === 'string' ? value : value.join(', ')
}
