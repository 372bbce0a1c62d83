import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { freePorts, requireFree } from './ports.ts'

describe('ports', () => {
  it('are never handed out twice, and can be listened on', async () => {
    // So many that a port would hardly be missed twice by chance.
    const ports = (await Promise.all(Array.from({ length: 80 }, () => freePorts(5)))).flat()
    assert.equal(new Set(ports).size, 400)
    for (const port of ports.slice(0, 20)) {
      const server = createServer().listen(port, '127.0.0.1')
      await once(server, 'listening')
      server.close()
    }
    await requireFree(ports.map(port => ({ port, use: 'nothing' })))
  })

  it('that are taken are named all at once, with who has them', async () => {
    const servers = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')]
    await Promise.all(servers.map(server => once(server, 'listening')))
    const [first, second] = servers.map(server => (server.address() as AddressInfo).port)
    const owner = process.platform === 'linux' ? ` by .*\\(pid ${process.pid}\\)` : ''
    const message = new RegExp(`${first} \\(MinIO\\) is taken${owner}\\n.*${second} \\(Tempo\\) is taken${owner}`)
    after(() => {
      for (const server of servers) server.close()
    })
    await assert.rejects(
      requireFree([
        { port: first ?? 0, use: 'MinIO' },
        { port: second ?? 0, use: 'Tempo' },
      ]),
      { name: 'EnvironmentError', message },
    )
  })
})
