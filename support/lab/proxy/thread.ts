import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../../errors.ts'
import type { Order, OrderAnswer, ThreadData } from './protocol.ts'
import { PortProxy } from './proxied-port.ts'
import { RuleBook } from './rule-book.ts'

/** The proxy's own thread: whatever else the lab's process does, what passes the proxy does not wait for it. */

const { ports, certificates } = workerData as ThreadData
const proxies = ports.map(port => new PortProxy(port, certificates))
let book = new RuleBook([])
let rulesEnd = new AbortController()

parentPort?.on('message', (order: Order) => {
  carryOut(order).then(
    () => answer({ number: order.number, strikes: book.strikes }),
    (error: unknown) => answer({ number: order.number, strikes: [], failure: describeError(error) }),
  )
})

async function carryOut(order: Order): Promise<void> {
  if (order.do === 'open') await Promise.all(proxies.map(proxy => proxy.open()))
  if (order.do === 'close') await Promise.all(proxies.map(proxy => proxy.close()))
  if (order.do !== 'set rules') return
  // Answers that are still held back belong to rules that hold no more.
  rulesEnd.abort()
  rulesEnd = new AbortController()
  book = new RuleBook(order.rules)
  for (const proxy of proxies) await proxy.follow(book, rulesEnd.signal)
}

function answer(told: OrderAnswer): void {
  parentPort?.postMessage(told)
}
