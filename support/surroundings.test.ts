import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Answerer, TransientError, Unmet } from './errors.ts'
import { eventually, NotSeen, now } from './eventually.ts'
import type { Run } from './run.ts'
import { troublesAround } from './surroundings.ts'

const folder = mkdtempSync(join(tmpdir(), 'surroundings-'))
const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
  for (const server of servers) server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

async function listen(server: Server): Promise<URL> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** A target whose Tempo has this log, and whose storage answers so. */
async function runWith({
  log = '',
  storage = (_, response) => response.writeHead(403).end(),
}: {
  log?: string
  storage?: RequestListener
} = {}): Promise<{ run: Run; asked: string[] }> {
  const asked: string[] = []
  const socket = join(folder, `${servers.length}.sock`)
  const control = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(log)
  })
  servers.push(control)
  await new Promise<void>(resolve => control.listen(socket, resolve))
  const tempo = {
    http: { url: await listen(createServer((_, response) => response.writeHead(404).end())), headers: {} },
    workload: { kind: 'LabProcess', socket, name: 'tempo' },
  }
  const target = { s3: { endpoint: await listen(createServer(storage)) }, systems: { tempo } }
  return { run: { target, signal: new AbortController().signal } as unknown as Run, asked }
}

async function missedBy(error: Error): Promise<NotSeen> {
  const wait = { deadlineMs: 50, since: now(), signal: new AbortController().signal, again: 'never' as const }
  const missed = await eventually({ ask: () => Promise.reject(error), expect: () => undefined }, wait).catch(one => one)
  assert.ok(missed instanceof NotSeen)
  return missed
}

const begunAt = new Date('2026-11-21T02:45:12.000Z')
const troubles = async (run: Run, error: Error) => await troublesAround(run, 'tempo', begunAt, await missedBy(error))

test('where all is well around it, there is nobody else to blame', async () => {
  const { run, asked } = await runWith({ log: 'level=info msg="flushing block"\n' })
  assert.deepEqual(await troubles(run, new Unmet('no block holds it')), [])
  assert.deepEqual(await troubles(run, new TransientError('GET / : refused')), [])
  assert.equal(asked[0], `/processes/tempo/log?since=${encodeURIComponent(begunAt.toISOString())}`)
})

const tellingOfFullDisks = [
  'level=error msg="failed to flush" err="write /data/wal/x: no space left on device"',
  'level=error err="Storage backend has reached its minimum free drive threshold. Please delete a few objects"',
  'level=error err="XMinioStorageFull"',
]
for (const line of tellingOfFullDisks) {
  test(`a disk is full: ${line.slice(12, 60)}`, async () => {
    const { run } = await runWith({ log: `level=info msg=fine\n${line}\nlevel=info msg=fine\n` })
    assert.deepEqual(await troubles(run, new Unmet('no block holds it')), [`a disk is full: ${line}`])
    const { run: silent } = await runWith()
    assert.deepEqual(await troubles(silent, new Unmet(line)), [`a disk is full: ${line}`])
  })
}

test('a clock of another day is told in seconds', async () => {
  const { run } = await runWith({
    storage: (_, response) => {
      response.sendDate = false
      response.writeHead(403, { date: new Date(Date.now() - 7_200_000).toUTCString() }).end()
    },
  })
  const [trouble = '', ...others] = await troubles(run, new Unmet('no block holds it'))
  assert.match(
    trouble,
    /^the clock of object storage at 127\.0\.0\.1:\d+ is 7(199|200|201) seconds apart from the one here$/,
  )
  assert.deepEqual(others, [])
})

test('others that are silent count where the system itself is silent, and only there', async () => {
  const { run } = await runWith({ storage: request => request.socket.destroy() })
  assert.deepEqual(await troubles(run, new Unmet('no block holds it')), [])
  const [trouble = ''] = await troubles(run, new TransientError('GET / : refused'))
  assert.match(trouble, /^and these do not answer either: object storage at 127\.0\.0\.1:\d+$/)
})

test('who takes a connection and never answers is silent, and so is a gateway with nothing behind it', async () => {
  const { run } = await runWith({ storage: (_, response) => response.writeHead(503).end() })
  assert.match((await troubles(run, new TransientError('refused')))[0] ?? '', /^and these do not answer either/)
  const { run: hanging } = await runWith({ storage: () => undefined })
  const begun = performance.now()
  assert.match((await troubles(hanging, new TransientError('refused')))[0] ?? '', /^and these do not answer either/)
  assert.ok(performance.now() - begun < 10_000, 'the look ends by itself')
})

test('what is asked of others says nothing of the system while they do not answer', async () => {
  const { run } = await runWith()
  const asked = (whose: Answerer) => troubles(run, new TransientError('LIST / : 503', { whose }))
  assert.deepEqual(await asked('product'), [])
  assert.match((await asked('environment'))[0] ?? '', /not the system itself/)
})

test('a target without storage, workload or anything else has no surroundings to blame', async () => {
  const run = { target: { systems: {} }, signal: new AbortController().signal } as unknown as Run
  assert.deepEqual(await troubles(run, new TransientError('refused')), [])
})

test('a defect in the look itself is not hidden', async () => {
  const { run } = await runWith()
  const broken = { ...run, target: { ...run.target, s3: { endpoint: null } } } as unknown as Run
  await assert.rejects(troubles(broken, new Unmet('no block holds it')), TypeError)
})
