import assert from 'node:assert/strict'
import dns from 'node:dns'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { request } from 'undici'
import { answerLocally } from './forwarded-names.ts'

test('a forwarded name leads to this machine, whoever asks for it, and others are what they were', async () => {
  const seen: string[] = []
  const server = createServer((asked, response) => {
    seen.push(asked.headers.host ?? '')
    response.end('there')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    answerLocally(['tempo.monitoring.svc'])
    const { body } = await request(`http://tempo.monitoring.svc:${port}`)
    assert.equal(await body.text(), 'there')
    assert.deepEqual(seen, [`tempo.monitoring.svc:${port}`])
    assert.deepEqual(await dns.promises.lookup('tempo.monitoring.svc'), { address: '127.0.0.1', family: 4 })
    assert.deepEqual(await dns.promises.lookup('tempo.monitoring.svc', { all: true }), [
      { address: '127.0.0.1', family: 4 },
    ])
    assert.equal((await dns.promises.lookup('localhost', { family: 4 })).address, '127.0.0.1')
    await assert.rejects(dns.promises.lookup('other.monitoring.svc.invalid'), /ENOTFOUND|EAI_AGAIN/)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
