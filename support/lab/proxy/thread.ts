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
/** A fault of the proxy itself under these rules, told in place of their strikes: what was seen cannot be relied on. */
let fault: string | undefined
let last = Promise.resolve()

parentPort?.on('message', (order: Order) => {
  last = last.then(async () => {
    const failure = await carryOut(order).catch(describeError)
    parentPort?.postMessage(answerOf(order, failure ?? (order.do === 'tell strikes' ? fault : undefined)))
  })
})

async function carryOut(order: Order): Promise<undefined> {
  if (order.do === 'open') await Promise.all(proxies.map(proxy => proxy.open()))
  if (order.do === 'close') await Promise.all(proxies.map(proxy => proxy.close()))
  if (order.do !== 'set rules') return
  // Answers that are still held back belong to rules that hold no more.
  rulesEnd.abort()
  rulesEnd = new AbortController()
  book = new RuleBook(order.rules)
  fault = undefined
  const failed = (error: unknown) => {
    fault ??= describeError(error)
  }
  for (const proxy of proxies) await proxy.follow({ book, failed, signal: rulesEnd.signal })
}

function answerOf({ number }: Order, failure: string | undefined): OrderAnswer {
  return { number, strikes: book.strikes, ...(failure === undefined ? {} : { failure }) }
}
