import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from '../drivers/http.ts'
import { Unmet } from '../errors.ts'
import { eventually, now } from '../eventually.ts'
import { addressOf } from './address.ts'

/** How late a wait saw a fact that was true in a server from a known moment on. Milliseconds. */
export interface Overshoot {
  /** From the event until the fact was true in the server. */
  readonly trueAfterMs: number
  readonly overshootMs: number
  readonly attempts: number
}

/** Waits for a server on loopback that answers 404 until its moment of truth, and 200 from then on. */
export async function measureOvershoot(trueAfterMs: number, signal: AbortSignal): Promise<Overshoot> {
  const since = now()
  const server = createServer((_, response) => {
    response.statusCode = performance.now() - since.monotonicMs >= trueAfterMs ? 200 : 404
    response.end()
  })
  using resources = new DisposableStack()
  resources.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = addressOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const seen = await eventually(
    {
      ask: async signal => {
        const answer = await request(address, { path: '/', allowed: [404], signal })
        return { ...answer, value: answer.status }
      },
      expect: status => {
        if (status !== 200) throw new Unmet('not yet')
      },
    },
    { deadlineMs: trueAfterMs * 2 + 1_000, since, signal },
  )
  return { trueAfterMs, overshootMs: seen.timeToTrueMs - trueAfterMs, attempts: seen.attempts }
}
