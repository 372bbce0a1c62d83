import type { Server } from 'node:net'
import { ports } from '../../faults/ports.ts'
import type { Rule } from '../../faults/rule.ts'
import type { Certificates } from '../certificates.ts'
import { exchange } from './exchange.ts'
import { type Exchange, http1Server, type Tls } from './http1.ts'
import { http2Server } from './http2.ts'
import { ReplyMemory } from './memory.ts'
import type { ProxiedPort } from './place.ts'
import type { RuleBook } from './rule-book.ts'

export interface EngineOptions {
  readonly port: ProxiedPort
  readonly book: RuleBook
  readonly certificates: Certificates | undefined
  /** Resets the connection of the client that came from this port of its own. */
  reset(clientPort: number | undefined): void
  /** Ends what is held back when the rules hold no more. */
  readonly signal: AbortSignal
}

/** Speaks a port's protocol with the clients whose connections it is given, and does to their requests what the rules say. */
export function startEngine({ port, book, certificates, reset, signal }: EngineOptions): Server {
  const { name, upstream } = port
  const memory = new ReplyMemory()
  const decide: Exchange = async (asked, forward, clientPort) => {
    const outcome = await exchange(asked, { book, memory, forward }, signal)
    if (outcome.kind === 'reset') reset(clientPort)
    return outcome
  }
  if (ports[name] === 'HTTP/2') {
    if (!('port' in upstream)) throw new TypeError(`${name} speaks HTTP/2 and is no Unix socket`)
    return http2Server(name, upstream, decide)
  }
  const tls = ports[name] === 'HTTP/1.1 over TLS' ? tlsOf(name, book.rulesAt(name), certificates) : undefined
  return http1Server(name, upstream, tls, decide)
}

function tlsOf(name: string, rules: readonly Rule[], certificates: Certificates | undefined): Tls {
  if (certificates === undefined) throw new TypeError(`${name} speaks TLS, and the proxy was given no certificates`)
  const { authority, server, serverKey: key, faulty } = certificates
  const wrong = rules.map(({ do: action }) => ('certificate' in action ? action.certificate : undefined)).find(Boolean)
  return { authority, key, certificate: wrong === undefined ? server : faulty[wrong] }
}
