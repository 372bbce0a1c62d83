import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { EnvironmentError } from '../../errors.ts'
import type { Rule } from '../../faults/rule.ts'
import type { Certificates } from '../certificates.ts'
import type { ProxiedPort } from './place.ts'
import type { Order, OrderAnswer, ThreadData } from './protocol.ts'

const longestCloseMs = 1_000

export interface ProxyOptions {
  readonly ports: readonly ProxiedPort[]
  /** For ports that speak TLS; what is shown to clients, and what the server's own must be signed by. */
  readonly certificates?: Certificates
}

/** Stands before ports of the lab, and lies where its rules say so. */
export interface LabProxy extends AsyncDisposable {
  /**
   * Replaces all rules; when it returns they hold for every new request. Connections of ports that the old rules or the new
   * ones are about are cut off. Without rules everything passes unopened.
   */
  setRules(rules: readonly Rule[]): Promise<void>
  /**
   * How often each of these rules has struck, in their order.
   * @throws EnvironmentError where the proxy itself failed under them
   */
  strikes(): Promise<readonly number[]>
}

/** @throws EnvironmentError where a port cannot be listened on */
export async function startProxy({ ports, certificates }: ProxyOptions): Promise<LabProxy> {
  const thread = new ProxyThread({ ports, certificates })
  try {
    await thread.order({ do: 'open' })
  } catch (error) {
    await thread.end()
    throw error
  }
  return {
    setRules: async rules => void (await thread.order({ do: 'set rules', rules })),
    strikes: async () => (await thread.order({ do: 'tell strikes' })).strikes,
    [Symbol.asyncDispose]: () => thread.end(),
  }
}

type OrderWithoutNumber = Order extends infer One ? (One extends Order ? Omit<One, 'number'> : never) : never

class ProxyThread {
  readonly #worker: Worker
  readonly #open = new Map<number, PromiseWithResolvers<OrderAnswer>>()
  #number = 0
  #dead: Error | undefined

  constructor(workerData: ThreadData) {
    this.#worker = new Worker(new URL('thread.ts', import.meta.url), { workerData })
    this.#worker.on('message', (answer: OrderAnswer) => {
      const waiting = this.#open.get(answer.number)
      this.#open.delete(answer.number)
      if (answer.failure === undefined) waiting?.resolve(answer)
      else waiting?.reject(new EnvironmentError(`the lab's proxy: ${answer.failure}`))
    })
    this.#worker.on('error', error => this.#died(error))
    this.#worker.on('exit', () => this.#died(new EnvironmentError("the lab's proxy has ended")))
  }

  async order(order: OrderWithoutNumber): Promise<OrderAnswer> {
    if (this.#dead !== undefined) throw this.#dead
    this.#number += 1
    const waiting = Promise.withResolvers<OrderAnswer>()
    this.#open.set(this.#number, waiting)
    this.#worker.postMessage({ ...order, number: this.#number })
    return await waiting.promise
  }

  async end(): Promise<void> {
    // The thread's end closes everything anyway; only a socket's file would be left.
    if (this.#dead === undefined) {
      const closed = this.order({ do: 'close' }).catch(() => undefined)
      await Promise.race([closed, pause(longestCloseMs, undefined, { ref: false })])
    }
    await this.#worker.terminate()
  }

  #died(error: unknown): void {
    this.#dead ??= error instanceof Error ? error : new Error(String(error))
    for (const waiting of this.#open.values()) waiting.reject(this.#dead)
    this.#open.clear()
  }
}
