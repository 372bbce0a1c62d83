import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { silentOthers } from './reachability.ts'
import type { Target } from './target.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close().closeAllConnections()
})

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const nobody = new URL('http://127.0.0.1:1')

/** Where each of these is said to be. */
function targetOf(endpoint: URL, systems: Record<string, URL>): Target {
  const all = Object.entries(systems).map(([name, url]) => [name, { http: { url, headers: {} } }])
  return { s3: { endpoint }, systems: Object.fromEntries(all) } as unknown as Target
}

const signal = () => AbortSignal.timeout(1_000)

test('who answers anything is not silent, and the system itself is not asked', async () => {
  const refusing = await serve((_, response) => response.writeHead(403).end())
  assert.deepEqual(await silentOthers(targetOf(refusing, { tempo: nobody }), 'tempo', signal()), [])
})

test('who is not there, never answers, or does not serve now is silent', async () => {
  const hanging = await serve(() => undefined)
  const busy = await serve((_, response) => response.writeHead(503).end())
  const target = targetOf(hanging, { tempo: nobody, mimir: busy, prometheus: nobody })
  assert.deepEqual(await silentOthers(target, 'tempo', signal()), [
    `object storage at ${hanging.host}`,
    `mimir at ${busy.host}`,
    'prometheus at 127.0.0.1:1',
  ])
})

test('an object storage that is under test itself is not among the others', async () => {
  const hanging = await serve(() => undefined)
  assert.deepEqual(await silentOthers(targetOf(hanging, {}), 's3', signal()), [])
})

test('a defect is not taken for silence', async () => {
  await assert.rejects(silentOthers(targetOf({ host: 'nowhere' } as URL, {}), 'tempo', signal()), TypeError)
})
