import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { EnvironmentError } from '../../errors.ts'
import { freePorts } from '../ports.ts'
import { type LabProxy, startProxy } from './proxy.ts'
import { ask, RecordingServer } from './testing/http-peers.ts'
import { rulesOf } from './testing/messages.ts'

const idle = { when: { path: '^/never' }, do: { reset: true } } as const

describe('a proxy', () => {
  let [http, otlp, httpBehind, otlpBehind] = [0, 0, 0, 0]
  let proxy: LabProxy
  /** Of a protocol that nobody knows: tells in capitals what it was told. */
  const capitals = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => undefined)
    socket.on('data', text => socket.write(text.toString().toUpperCase()))
    socket.on('end', () => socket.end('.'))
  })
  const behind = new RecordingServer()

  before(async () => {
    ;[http = 0, otlp = 0, httpBehind = 0, otlpBehind = 0] = await freePorts(4)
    await Promise.all([listen(behind.server, httpBehind), listen(capitals, otlpBehind)])
    proxy = await startProxy({
      ports: [
        { name: 'tempo.http', listen: { port: http }, upstream: { port: httpBehind } },
        { name: 'tempo.otlp-http', listen: { port: otlp }, upstream: { port: otlpBehind } },
      ],
    })
  })
  afterEach(async () => await proxy.setRules([]))
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    capitals.close()
    behind.server.closeAllConnections()
    behind.server.close()
  })

  it('passes on whatever is spoken, also when one side has said all', async () => {
    const socket = connect({ port: otlp, host: '127.0.0.1', allowHalfOpen: true })
    socket.end('all of it')
    assert.equal((await buffer(socket)).toString(), 'ALL OF IT.')
    const many = 'abc'.repeat(1_000_000)
    const long = connect({ port: otlp, host: '127.0.0.1', allowHalfOpen: true })
    long.end(many)
    assert.ok((await buffer(long)).toString() === `${many.toUpperCase()}.`)
  })

  it('passes on what is said to a server that has said all', async () => {
    const [listened = 0, upstream = 0] = await freePorts(2)
    const greeter = createServer({ allowHalfOpen: true }, socket => void socket.end('ready'))
    await listen(greeter, upstream)
    await using own = await startProxy({
      ports: [{ name: 'tempo.http', listen: { port: listened }, upstream: { port: upstream } }],
    })
    const accepted = once(greeter, 'connection') as Promise<[Socket]>
    const client = connect({ port: listened, host: '127.0.0.1', allowHalfOpen: true })
    assert.equal((await buffer(client)).toString(), 'ready')
    client.end('thank you')
    const [atServer] = await accepted
    assert.equal((await buffer(atServer)).toString(), 'thank you')
    await own.setRules([])
    greeter.close()
  })

  it('passes on that the server resets a connection, and that the client does', async () => {
    behind.answer = () => 'reset'
    await assert.rejects(ask({ port: http }, '/'), { code: 'ECONNRESET' })
    behind.answer = () => ({})
    const client = connect(otlp, '127.0.0.1').on('error', () => undefined)
    const [atServer] = (await once(capitals, 'connection')) as [Socket]
    client.write('a')
    await once(client, 'data')
    const broken = once(atServer, 'error') as Promise<[NodeJS.ErrnoException]>
    client.resetAndDestroy()
    assert.equal((await broken)[0].code, 'ECONNRESET')
  })

  it('cuts off the connections of a port whose rules change, and no others', async () => {
    const [concerned, other] = [connect(http, '127.0.0.1'), connect(otlp, '127.0.0.1')]
    const told = async (text: string) => {
      other.write(text)
      return String((await once(other, 'data'))[0])
    }
    await Promise.all([once(concerned, 'connect'), told('a')])
    const cutOff = gone(concerned)
    await proxy.setRules(rulesOf({ at: 'tempo.http', ...idle }))
    await cutOff
    assert.equal(await told('still there'), 'STILL THERE')
    await proxy.setRules(rulesOf({ at: 'tempo.http', do: { status: 500 } }))
    assert.equal(await told('and still'), 'AND STILL')
    other.destroy()
  })

  it('replaces all rules, and counts anew', async () => {
    await proxy.setRules(rulesOf({ at: 'tempo.http', do: { status: 500 } }))
    assert.equal((await ask({ port: http }, '/')).status, 500)
    assert.deepEqual(await proxy.strikes(), [1])
    await proxy.setRules(rulesOf({ at: 'tempo.http', ...idle }, { at: 'tempo.http', do: { status: 501 } }))
    assert.deepEqual(await proxy.strikes(), [0, 0])
    assert.equal((await ask({ port: http }, '/')).status, 501)
    assert.deepEqual(await proxy.strikes(), [0, 1])
    await proxy.setRules([])
    assert.deepEqual([(await ask({ port: http }, '/')).status, await proxy.strikes()], [200, []])
  })

  it('looks at a port where something is waited for', async () => {
    const { port } = await listening(new RecordingServer().server)
    const [listened = 0] = await freePorts(1)
    await using both = await startProxy({
      ports: [
        { name: 'tempo.http', listen: { port: listened }, upstream: { port: httpBehind } },
        { name: 'lab.control', listen: { socket: join(folder, 'since.sock') }, upstream: { port } },
      ],
    })
    await both.setRules(
      rulesOf({ at: 'tempo.http', timing: { since: { at: 'lab.control', method: 'POST' } }, do: { status: 404 } }),
    )
    const statusAtTempo = async () => (await ask({ port: listened }, '/')).status
    assert.equal(await statusAtTempo(), 200)
    await ask({ socketPath: join(folder, 'since.sock') }, '/', { method: 'POST' })
    assert.equal(await statusAtTempo(), 404)
  })

  it('refuses to be connected to, and lets in again', async () => {
    const before = connect(http, '127.0.0.1')
    await once(before, 'connect')
    const cutOff = gone(before)
    await proxy.setRules(rulesOf({ at: 'tempo.http', do: { refuse: true } }))
    await cutOff
    await assert.rejects(ask({ port: http }, '/'), { code: 'ECONNREFUSED' })
    assert.deepEqual(await proxy.strikes(), [1])
    await proxy.setRules(rulesOf({ at: 'tempo.http', do: { refuse: true } }))
    await assert.rejects(ask({ port: http }, '/'), { code: 'ECONNREFUSED' })
    await proxy.setRules([])
    assert.equal((await ask({ port: http }, '/')).status, 200)
  })

  it('resets some of the attempts to connect', async () => {
    await proxy.setRules(rulesOf({ at: 'tempo.http', timing: { skip: 1, times: 1 }, do: { refuse: true } }))
    assert.equal((await ask({ port: http }, '/')).status, 200)
    await assert.rejects(ask({ port: http }, '/'), { code: 'ECONNRESET' })
    assert.equal((await ask({ port: http }, '/')).status, 200)
    assert.deepEqual(await proxy.strikes(), [1])
  })

  const folder = mkdtempSync(join(tmpdir(), 'proxy-'))
  after(() => rmSync(folder, { recursive: true }))

  it('stands before a Unix socket', async () => {
    const [listened, upstream] = [join(folder, 'front.sock'), join(folder, 'behind.sock')]
    const control = new RecordingServer()
    control.answer = () => ({ body: '{"ready":true}' })
    await new Promise<void>(resolve => control.server.listen(upstream, resolve))
    {
      await using own = await startProxy({
        ports: [{ name: 'lab.control', listen: { socket: listened }, upstream: { socket: upstream } }],
      })
      const set = async (rule: object) =>
        await own.setRules(rulesOf({ at: 'lab.control', ...rule } as Parameters<typeof rulesOf>[0]))
      const askIt = async () => await ask({ socketPath: listened }, '/processes/tempo')
      assert.equal((await askIt()).body, '{"ready":true}')
      await set({ do: { response: [{ set: { ready: false } }] } })
      assert.equal((await askIt()).body, '{"ready":false}')
      await set({ do: { reset: true } })
      await assert.rejects(askIt(), { code: 'ECONNRESET' })
      await set({ do: { refuse: true } })
      await assert.rejects(askIt(), { code: 'ENOENT' })
      await own.setRules([])
      assert.equal((await askIt()).body, '{"ready":true}')
    }
    assert.equal(existsSync(listened), false)
    control.server.close()
  })

  it('that cannot listen tells where, and leaves nothing behind', async () => {
    const [free = 0] = await freePorts(1)
    const ports = [
      { name: 'tempo.otlp-http', listen: { port: free }, upstream: { port: otlpBehind } },
      { name: 'tempo.http', listen: { port: http }, upstream: { port: httpBehind } },
    ] as const
    await assert.rejects(startProxy({ ports }), (error: Error) => {
      return error instanceof EnvironmentError && error.message.includes(`address already in use 127.0.0.1:${http}`)
    })
    await assert.rejects(once(connect(free, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
  })

  it('that has ended serves nobody, and says so', async () => {
    const [own = 0] = await freePorts(1)
    const ended = await startProxy({
      ports: [{ name: 'tempo.http', listen: { port: own }, upstream: { port: httpBehind } }],
    })
    const client = connect(own, '127.0.0.1')
    await once(client, 'connect')
    const cutOff = gone(client)
    await ended[Symbol.asyncDispose]()
    await cutOff
    await assert.rejects(once(connect(own, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
    await assert.rejects(ended.setRules([]), EnvironmentError)
    await ended[Symbol.asyncDispose]()
  })

  it('ends though clients were leaving as it reset them', async () => {
    const [own = 0] = await freePorts(1)
    const going = await startProxy({
      ports: [{ name: 'tempo.http', listen: { port: own }, upstream: { port: httpBehind } }],
    })
    await going.setRules(rulesOf({ at: 'tempo.http', do: { reset: true } }))
    const clients = Array.from({ length: 50 }, async () => {
      const socket = connect(own, '127.0.0.1')
      socket.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      return await buffer(socket).catch(() => undefined)
    })
    await Promise.all(clients)
    await going[Symbol.asyncDispose]()
  })
})

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
}

async function listening(server: Server): Promise<{ port: number }> {
  const [port = 0] = await freePorts(1)
  await listen(server, port)
  server.unref()
  return { port }
}

async function gone(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  socket
    .on('error', () => undefined)
    .once('close', () => resolve())
    .resume()
  await promise
}
