import type { Server } from 'node:net'
import type { Certificates } from '../certificates.ts'
import type { EngineOptions } from './engine.ts'
import { Gate } from './gate.ts'
import type { ProxiedPort } from './place.ts'

type RulesNow = Pick<EngineOptions, 'book' | 'failed' | 'signal'>

/** Passes connections to a port on, unopened as long as no rule needs to know what is said on them. */
export class PortProxy {
  readonly #port: ProxiedPort
  readonly #gate: Gate
  readonly #certificates: Certificates | undefined
  #engine: Server | undefined
  /** The rules that are followed, as text; empty where nothing is looked at. */
  #followed = ''

  constructor(port: ProxiedPort, certificates: Certificates | undefined) {
    this.#port = port
    this.#gate = new Gate(port.listen, port.upstream)
    this.#certificates = certificates
  }

  async open(): Promise<void> {
    await this.#gate.open()
  }

  /** Follows these rules from now on. Connections are cut off, unless nothing was and nothing is to be looked at here. */
  async follow(rulesNow: RulesNow): Promise<void> {
    const { book } = rulesNow
    const { name } = this.#port
    const before = this.#followed
    const rules = book.rulesAt(name)
    this.#followed = book.ports.has(name) ? JSON.stringify(rules) : ''
    if (before === '' && this.#followed === '') return
    this.#engine?.close()
    this.#engine = this.#followed === '' ? undefined : await this.#engineFor(rulesNow)
    if (rules.some(({ do: action, timing }) => 'refuse' in action && Object.keys(timing).length === 0)) {
      // Nobody can be seen trying, so that it is in force counts as its strike.
      book.refuses(name)
      await this.#gate.close()
      return
    }
    this.#gate.use(this.#engine, () => book.refuses(name))
    await this.#gate.open()
  }

  async close(): Promise<void> {
    this.#engine?.close()
    await this.#gate.close()
  }

  /** What it takes to understand a protocol is loaded by the first rule, not by every lab. */
  async #engineFor(rulesNow: RulesNow): Promise<Server> {
    const { startEngine } = await import('./engine.ts')
    const reset = (clientPort: number | undefined) => this.#gate.reset(clientPort)
    return startEngine({ ...rulesNow, port: this.#port, certificates: this.#certificates, reset })
  }
}
