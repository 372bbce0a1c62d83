import type { Server } from 'node:net'
import { ports } from '../../faults/ports.ts'
import type { Rule } from '../../faults/rule.ts'
import type { Certificates } from '../certificates.ts'
import { exchange, type Outcome } from './exchange.ts'
import { http1Server, type Tls } from './http1.ts'
import { http2Server } from './http2.ts'
import { ReplyMemory } from './memory.ts'
import type { ProxiedPort } from './place.ts'
import type { RuleBook } from './rule-book.ts'
import type { Speaker } from './speaker.ts'

export interface EngineOptions {
  readonly port: ProxiedPort
  readonly book: RuleBook
  readonly certificates: Certificates | undefined
  readonly reset: Speaker['reset']
  readonly failed: Speaker['failed']
  /** Ends what is held back when the rules hold no more. */
  readonly signal: AbortSignal
}

/** Speaks a port's protocol with the clients whose connections it is given, and does to their requests what the rules say. */
export function startEngine({ port, book, certificates, reset, failed, signal }: EngineOptions): Server {
  const { name, upstream } = port
  const rules = book.rulesAt(name)
  const memory = rules.some(rule => 'replay' in rule.do) ? new ReplyMemory() : undefined
  const decide: Speaker['exchange'] = async (asked, forward) =>
    await exchange(asked, { book, memory, forward }, signal).catch((error: unknown): Outcome => {
      if (!signal.aborted) failed(error)
      return { kind: 'reset' }
    })
  const speaker = { port: name, upstream, exchange: decide, reset, failed }
  if (ports[name] === 'HTTP/2') return http2Server(speaker)
  return http1Server(speaker, ports[name] === 'HTTP/1.1 over TLS' ? tlsOf(name, rules, certificates) : undefined)
}

function tlsOf(name: string, rules: readonly Rule[], certificates: Certificates | undefined): Tls {
  if (certificates === undefined) throw new TypeError(`${name} speaks TLS, and the proxy was given no certificates`)
  const { authority, server, serverKey: key, faulty } = certificates
  const wrong = rules.map(({ do: action }) => ('certificate' in action ? action.certificate : undefined)).find(Boolean)
  return { authority, key, certificate: wrong === undefined ? server : faulty[wrong] }
}
