import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { z } from 'zod'
import type { ruleSchema } from '../../faults/rule.ts'
import { freePorts } from '../ports.ts'
import { type LabProxy, startProxy } from './proxy.ts'
import { type Answer, ask, headerIn, RecordingServer, type Seen } from './testing/http-peers.ts'
import { rulesOf } from './testing/messages.ts'

type WrittenRule = Omit<z.input<typeof ruleSchema>, 'at'>

describe('a port that speaks HTTP/1.1', () => {
  const behind = new RecordingServer()
  let proxy: LabProxy
  let [direct, port] = [0, 0]

  before(async () => {
    ;[direct = 0, port = 0] = await freePorts(2)
    await new Promise<void>(resolve => behind.server.listen(direct, '127.0.0.1', resolve))
    proxy = await startProxy({ ports: [{ name: 'tempo.http', listen: { port }, upstream: { port: direct } }] })
  })
  beforeEach(() => {
    behind.seen.length = 0
    behind.answer = () => ({})
  })
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    behind.server.closeAllConnections()
    behind.server.close()
  })

  const set = async (...rules: readonly WrittenRule[]) =>
    await proxy.setRules(rulesOf(...rules.map(rule => ({ ...rule, at: 'tempo.http' as const }))))
  const read = async (path: string, body?: string) => {
    const answer = await ask({ port }, path, body === undefined ? {} : { method: 'POST', body })
    return `${answer.status} ${answer.body}`
  }

  describe('with a rule about something else', () => {
    const requests: readonly [what: string, options: Parameters<typeof ask>[2], answer?: Answer][] = [
      ['a query', { headers: { host: 'tempo.example:3200', accept: '*/*' } }, { body: 'found' }],
      ['a query for headers alone', { method: 'HEAD' }, { headers: { 'content-length': 17 } }],
      ['a push', { method: 'POST', body: Buffer.alloc(2_000_000, 'a') }],
      ['a push in chunks', { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'abc' }],
      ['a push that asks first', { method: 'PUT', headers: { expect: '100-continue' }, body: 'abc' }],
      ['a compressed push', { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: gzipSync('abc') }],
      ['what is no compressed push', { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'abc' }],
      ['a deletion', { method: 'DELETE', headers: { 'content-length': 0 } }, { status: 204 }],
      ['an empty push', { method: 'POST', headers: { 'content-length': 0 } }],
      ['what has not changed', {}, { status: 304, headers: { etag: '"x"' } }],
      ['a refusal', {}, { status: 429, headers: { 'retry-after': '1', 'content-type': 'text/plain' }, body: 'later' }],
      [
        'headers that come twice',
        {},
        { headers: { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'ä'.normalize('NFD').at(0) } },
      ],
      [
        'very long headers',
        { headers: { 'x-long': 'a'.repeat(40_000) } },
        { headers: { 'x-long': 'b'.repeat(9_000) } },
      ],
    ]
    for (const [what, options, answer] of requests) {
      it(`passes on ${what} unchanged, and its answer`, async () => {
        await set({ when: { path: '^/never' }, do: { reset: true } })
        behind.answer = () => answer ?? {}
        const [itself, through] = [
          await ask({ port: direct }, '/a?b=c', options),
          await ask({ port }, '/a?b=c', options),
        ]
        assert.deepEqual(ofMessage(through), ofMessage(itself))
        const [expected, reached] = behind.seen
        const ownHost = options?.headers !== undefined && 'host' in options.headers
        assert.deepEqual(ofMessage(reached, ownHost), ofMessage(expected, ownHost))
      })
    }

    it('tells the length of a body that is not sent, where the server does', async () => {
      await set({ when: { path: '^/never' }, do: { reset: true } })
      const lengthOf = async (answer: Answer) => {
        behind.answer = () => answer
        return headerIn(await ask({ port }, '/', { method: 'HEAD' }), 'content-length')
      }
      assert.deepEqual([await lengthOf({ headers: { 'content-length': 17 } }), await lengthOf({})], ['17', undefined])
    })

    it('tells the server the length of what is sent, also of nothing', async () => {
      await set({ when: { path: '^/never' }, do: { reset: true } })
      await ask({ port }, '/', { method: 'DELETE' })
      await ask({ port }, '/', { method: 'DELETE', headers: { 'content-length': 0 } })
      await ask({ port }, '/', { method: 'PUT', headers: { 'transfer-encoding': 'chunked' }, body: 'abc' })
      assert.deepEqual(
        behind.seen.map(seen => headerIn(seen, 'content-length')),
        [undefined, '0', '3'],
      )
    })

    it('keeps a connection for the next request', async () => {
      await set({ when: { path: '^/never' }, do: { reset: true } })
      using agent = keptAlive()
      for (const path of ['/one', '/two', '/three']) await ask({ port, agent }, path)
      assert.equal(agent.connections(), 1)
    })
  })

  it('shows the Host header of the client to the server', async () => {
    await set({ do: { status: 200 } })
    await ask({ port }, '/', { headers: { host: 'minio.example:9000' } })
    assert.deepEqual(
      behind.seen.map(seen => headerIn(seen, 'host')),
      ['minio.example:9000'],
    )
  })

  it('answers in place of the server, and tells how often', async () => {
    await set({ when: { path: '^/api' }, timing: { times: 2 }, do: { answer: { status: 503, body: 'away' } } })
    assert.deepEqual(
      [await read('/other'), await read('/api'), await read('/api'), await read('/api')],
      ['200 ', '503 away', '503 away', '200 '],
    )
    assert.deepEqual(await proxy.strikes(), [2])
    assert.deepEqual(
      behind.seen.map(({ line }) => line),
      ['GET /other', 'GET /api'],
    )
  })

  it('changes request and answer, and tells their new length', async () => {
    await set({ do: { request: [{ set: { a: 'longer' } }] } }, { do: { response: [{ set: { b: 'longer still' } }] } })
    const answer = await ask({ port }, '/', { method: 'POST', body: '{"a":1}' })
    assert.equal(behind.seen[0]?.body, '{"a":"longer"}')
    assert.equal(headerIn(behind.seen[0] ?? assert.fail(), 'content-length'), '14')
    assert.equal(answer.body, '{"a":"longer","b":"longer still"}')
    assert.equal(headerIn(answer, 'content-length'), '33')
  })

  it('changes status and headers', async () => {
    await set({ do: { status: 206 } }, { do: { headers: { 'X-One': '1' } } })
    const answer = await ask({ port }, '/')
    assert.deepEqual([answer.status, headerIn(answer, 'x-one')], [206, '1'])
  })

  it('asks the server twice', async () => {
    await set({ do: { twice: true } })
    assert.equal(await read('/', 'x'), '200 x')
    assert.equal(behind.seen.length, 2)
  })

  it('replays', async () => {
    behind.answer = path => ({ body: `${path} ${behind.seen.length}` })
    await set({ timing: { skip: 1 }, do: { replay: 'older' } })
    assert.deepEqual([await read('/a'), await read('/a')], ['200 /a 1', '200 /a 1'])
    await set({ timing: { skip: 1 }, do: { replay: 'other' } })
    assert.deepEqual([await read('/a/11111111'), await read('/a/22222222')], ['200 /a/11111111 2', '200 /a/11111111 2'])
  })

  it('holds an answer back', async () => {
    await set({ do: { delay: '200 ms' } })
    const started = performance.now()
    await Promise.all(Array.from({ length: 20 }, async () => await read('/')))
    assert.ok(performance.now() - started >= 199)
  })

  it('gives up an answer that it holds back when the rules change', async () => {
    await set({ do: { delay: '1 h' } })
    const held = ask({ port }, '/')
    await Promise.race([behind.reached(1), held])
    await set({ do: { status: 200 } })
    await assert.rejects(held, { code: 'ECONNRESET' })
    assert.equal(await read('/'), '200 ')
  })

  it('does not mind a client that has gone before its answer comes', async () => {
    await set({ timing: { times: 1 }, do: { delay: '300 ms' } })
    const gone = new AbortController()
    const late = ask({ port }, '/', { signal: gone.signal })
    await Promise.race([behind.reached(1), late])
    gone.abort()
    await assert.rejects(late, { name: 'AbortError' })
    await pause(400)
    assert.equal(await read('/'), '200 ')
    assert.deepEqual(await proxy.strikes(), [1])
  })

  it('lets an answer come slowly', async () => {
    await set({ do: { throttle: 1_000 } })
    const started = performance.now()
    assert.equal(await read('/', 'a'.repeat(300)), `200 ${'a'.repeat(300)}`)
    assert.ok(performance.now() - started >= 299)
  })

  it('tells of a rule that it cannot follow', async () => {
    await set({ do: { headers: { 'x-one': 'two\nlines' } } })
    await assert.rejects(read('/'), { code: 'ECONNRESET' })
    await assert.rejects(proxy.strikes(), /lab's proxy.*header/i)
    await set({ do: { status: 201 } })
    assert.equal(await read('/'), '201 ')
    assert.deepEqual(await proxy.strikes(), [1])
  })

  for (const cutAfter of [0, 5, 1_500_000]) {
    it(`cuts an answer off after ${cutAfter} bytes`, async () => {
      await set({ do: { truncate: cutAfter } })
      const raw = await speak(
        port,
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n${'a'.repeat(2_000_000)}`,
      )
      const [head = '', body = ''] = raw.split('\r\n\r\n')
      assert.match(head, /content-length: 2000000/i)
      assert.ok(body === 'a'.repeat(cutAfter), `${body.length} bytes`)
    })
  }

  it('resets the connection', async () => {
    await set({ do: { reset: true } })
    await assert.rejects(speak(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), { code: 'ECONNRESET' })
  })

  for (const answer of ['reset', 'half'] as const) {
    it(`resets the connection when the server breaks off its own (${answer})`, async () => {
      await set({ do: { status: 200 } })
      behind.answer = () => answer
      await assert.rejects(speak(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), { code: 'ECONNRESET' })
    })
  }

  it('resets the connection when there is no server', async () => {
    const [nobody = 0, alone = 0] = await freePorts(2)
    await using lonely = await startProxy({
      ports: [{ name: 'tempo.http', listen: { port: alone }, upstream: { port: nobody } }],
    })
    const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
    await assert.rejects(speak(alone, request), { code: 'ECONNRESET' })
    await lonely.setRules(rulesOf({ at: 'tempo.http', do: { status: 200 } }))
    await assert.rejects(speak(alone, request), { code: 'ECONNRESET' })
  })
})

/** These are about a connection, and about how a body is sent on it. */
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'date']

/** What server and client tell each other, sorted: names of headers have no case (RFC 9110, section 5.1). */
function ofMessage(seen: Seen | undefined, withHost = true): unknown {
  const { line, headers, body } = seen ?? assert.fail('nothing came')
  const left = withHost ? ofConnection : [...ofConnection, 'host']
  const pairs = headers
    .flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1]]] : []))
    .filter(([name = '']) => !left.includes(name))
  return { line, headers: pairs.sort(), body: createHash('sha256').update(body, 'latin1').digest('hex') }
}

/** All that comes until the connection ends. */
async function speak(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  return (await buffer(socket)).toString('latin1')
}

function keptAlive(): Agent & Disposable & { connections(): number } {
  let connections = 0
  const agent = new Agent({ keepAlive: true })
  const connectOnce = agent.createConnection.bind(agent)
  return Object.assign(agent, {
    createConnection: (...given: Parameters<typeof connectOnce>) => {
      connections += 1
      return connectOnce(...given)
    },
    connections: () => connections,
    [Symbol.dispose]: () => agent.destroy(),
  })
}
