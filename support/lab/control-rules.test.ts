import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Agent, request } from 'undici'
import type { Rule } from '../faults/rule.ts'
import { serveControl } from './control-server.ts'
import { type LabProxy, startProxy } from './proxy/proxy.ts'

/** The control socket as in a lab: behind the proxy whose rules it keeps. */
describe("the rules on the lab's control socket", { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'control-rules-'))
  const [outer, inner] = ['control.sock', 'lab.sock'].map(name => join(folder, name)) as [string, string]
  const agents = new Map([outer, inner].map(socket => [socket, new Agent({ connect: { socketPath: socket } })]))
  let proxy: LabProxy
  let control: AsyncDisposable
  let rules: readonly Rule[] = []
  const keeper = {
    get rules() {
      return rules
    },
    setRules: async (others: readonly Rule[]) => {
      await proxy.setRules(others)
      rules = others
    },
    strikes: () => proxy.strikes(),
  }
  before(async () => {
    control = await serveControl(inner, { processes: new Map(), rules: () => keeper })
    proxy = await startProxy({
      ports: [{ name: 'lab.control', listen: { socket: outer }, upstream: { socket: inner } }],
    })
  })
  after(async () => {
    for (const agent of agents.values()) await agent.destroy()
    await proxy[Symbol.asyncDispose]()
    await control[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => await keeper.setRules([]))

  const ask = async (method: 'GET' | 'PUT' | 'DELETE' | 'POST', body?: unknown, socket = inner) => {
    const response = await request('http://lab/rules', {
      method,
      dispatcher: agents.get(socket) ?? assert.fail(),
      body: typeof body === 'string' || body === undefined ? (body ?? null) : JSON.stringify(body),
    })
    return { status: response.statusCode, body: (await response.body.json()) as unknown }
  }

  it('are none at first, are told with their strikes as they were written, and can be taken back', async () => {
    assert.deepEqual(await ask('GET', undefined, outer), { status: 200, body: [] })
    const written = [
      { at: 'lab.control', when: { path: 'processes' }, do: { status: 503 } },
      { at: 'lab.control', timing: { after: '2 s', for: '1500 ms', times: 3 }, do: { delay: '1 min' } },
    ]
    const whole = [
      { ...written[0], timing: {} },
      { ...written[1], when: {}, timing: { after: '2000 ms', for: '1500 ms', times: 3 }, do: { delay: '60000 ms' } },
    ]
    const told = (...strikes: number[]) => whole.map((rule, index) => ({ rule, strikes: strikes[index] }))
    assert.deepEqual(await ask('PUT', written), { status: 200, body: told(0, 0) })
    const struck = await request('http://lab/processes/tempo', { dispatcher: agents.get(outer) ?? assert.fail() })
    assert.equal(struck.statusCode, 503)
    await struck.body.dump()
    assert.deepEqual(await ask('GET'), { status: 200, body: told(1, 0) })
    // What is told can be sent again, and means the same.
    const before = rules
    assert.equal((await ask('PUT', whole)).status, 200)
    assert.deepEqual(rules, before)
    assert.deepEqual(await ask('DELETE'), { status: 200, body: [] })
    assert.deepEqual(rules, [])
  })

  it('that are none are refused with every reason, and nothing changes', async () => {
    await ask('PUT', [{ at: 'tempo.http', do: { reset: true } }])
    const { status, body } = await ask('PUT', [
      { at: 'tempo.htp', do: { reset: true } },
      { at: 'minio.s3', whn: {}, do: { status: 500 } },
      { at: 'minio.s3', when: { path: '(' }, do: { status: 500 } },
    ])
    assert.equal(status, 400)
    const { error, faults } = body as { error: string; faults: string[] }
    assert.equal(error, 'these are no rules')
    assert.match(
      faults.join('\n'),
      /0\.at: expected one of tempo\.http, .*\n.*1\.whn: unknown key.*"when".*\n.*2\.when\.path: /,
    )
    assert.equal(faults.length, 3)
    for (const nonsense of ['[{"at":', '', '{}', 'null'])
      assert.equal((await ask('PUT', nonsense)).status, 400, nonsense)
    assert.deepEqual(
      rules.map(({ at }) => at),
      ['tempo.http'],
    )
    assert.equal((await ask('POST')).status, 405)
  })

  it('may lock everybody out but who asks on the socket behind the proxy', async () => {
    await ask('PUT', [{ at: 'lab.control', do: { refuse: true } }])
    await assert.rejects(ask('GET', undefined, outer), { code: /ECONNREFUSED|ENOENT|UND_ERR_SOCKET/ })
    assert.equal((await ask('DELETE')).status, 200)
    assert.deepEqual(await ask('GET', undefined, outer), { status: 200, body: [] })
  })

  it('are unknown to a lab without a proxy', async () => {
    const socket = join(folder, 'bare.sock')
    await using _ = await serveControl(socket, { processes: new Map(), rules: () => undefined })
    const dispatcher = new Agent({ connect: { socketPath: socket } })
    const response = await request('http://lab/rules', { dispatcher })
    assert.equal(response.statusCode, 404)
    await response.body.dump()
    await dispatcher.destroy()
  })
})
