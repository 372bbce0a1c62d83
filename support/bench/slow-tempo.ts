import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that passes for a Tempo whose answer to the queries of one scenario takes long to come. */
export interface SlowTempo extends Disposable {
  readonly url: string
  /** On the clock of `performance.now()`; undefined until the first query came. */
  firstAskedAt(): number | undefined
  /** How many different queries came. */
  queries(): number
  /** Until it answers. */
  readonly silentMs: number
}

/** Refuses each query with 503 until so long after the first one, then as Tempo refuses a malformed id. */
export async function startSlowTempo(silentMs: number): Promise<SlowTempo> {
  const asked = new Set<string>()
  let firstAskedAt: number | undefined
  const server = createServer(({ url = '' }, response) => {
    if (url.startsWith('/api/traces/')) {
      asked.add(url)
      firstAskedAt ??= performance.now()
      const answers = performance.now() - firstAskedAt >= silentMs
      response.writeHead(answers ? 400 : 503).end(answers ? 'invalid trace id' : 'not now')
    } else response.end(url === '/ready' ? 'ready' : '{"version": "bench"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    firstAskedAt: () => firstAskedAt,
    queries: () => asked.size,
    silentMs,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
