import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { serveControl } from '../lab/control-server.ts'
import { ServerProcess } from '../lab/server-process.ts'
import { scriptedServer } from '../lab/testing/scripted-server.ts'
import type { UndoAction } from './journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
after(() => rmSync(folder, { recursive: true }))

/** What a sweep prints that finds this change in a journal of its own, made by a run that is gone. */
async function sweepOf(action: UndoAction, target: string, environment: Record<string, string> = {}): Promise<string> {
  const own = mkdtempSync(join(folder, 'run-'))
  const targetFile = join(own, 'target.yaml')
  writeFileSync(targetFile, `name: home\n${target}`)
  const script = `
    import { recordChange, pendingChanges } from '${join(import.meta.dirname, 'journal.ts')}'
    import { readFileSync, writeFileSync } from 'node:fs'
    import { journalFolder } from '${join(import.meta.dirname, '../folders.ts')}'
    recordChange('run-1', '${targetFile}', ${JSON.stringify(action)})
    const journal = journalFolder + '/run-1.ndjson'
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"process":\\{[^}]*\\}/, '"process":{"pid":1,"startTicks":"7"}'))
    const { sweepChanges } = await import('${join(import.meta.dirname, 'sweep.ts')}')
    const wayTo = async () => ({ environment: {}, [Symbol.asyncDispose]: async () => undefined })
    await sweepChanges(process.env, line => console.log(line), wayTo)
    console.log('pending: ' + pendingChanges().length)
  `
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, XDG_STATE_HOME: own, XDG_DATA_HOME: own, XDG_CACHE_HOME: own, HOME: own, ...environment },
  })
  return `${stdout}${stderr}`
}

/** A folder of targets with one that a run has left. */
function leftTarget(): { readonly discovery: string; readonly name: string; readonly file: string } {
  const discovery = mkdtempSync(join(folder, 'targets-'))
  const file = join(discovery, 'run-1.json')
  writeFileSync(file, '[]')
  return { discovery, name: 'run-1', file }
}

const prometheus = (discovered: string) =>
  `systems: {prometheus: {http: 'http://127.0.0.1:1', discovery: {folder: ${discovered}}}}\n`

test('a target that a killed run left for Prometheus is removed', async () => {
  const { discovery, name, file } = leftTarget()
  const printed = await sweepOf({ kind: 'remove-scrape-target', discovery, name }, prometheus(discovery))
  assert.match(printed, /^undone: remove-scrape-target run-1 from \S+, left by run run-1/m)
  assert.match(printed, /^pending: 0$/m)
  assert.equal(existsSync(file), false)
})

test('what lies in no folder of targets any more is left, and told', async () => {
  const { discovery, name, file } = leftTarget()
  const printed = await sweepOf({ kind: 'remove-scrape-target', discovery, name }, prometheus('elsewhere'))
  assert.match(printed, /could not be undone: .*the target file names another discovery of targets now/)
  assert.match(printed, /^pending: 1$/m)
  assert.equal(existsSync(file), true)
})

test('a workload that a killed run has kept away comes back', async () => {
  using script = scriptedServer(': > ready; exec sleep 60')
  await using server = new ServerProcess(script.command)
  const socket = join(script.directory, 'control.sock')
  await using _ = await serveControl(socket, { processes: new Map([['tempo', server]]) })
  await server.start(new AbortController().signal)
  server.scale(0)
  const target = `systems: {tempo: {http: 'http://127.0.0.1:1', otlpGrpc: 'http://127.0.0.1:1', otlpHttp: 'http://127.0.0.1:1',
    bucket: traces, workload: {kind: LabProcess, socket: ${socket}, name: tempo}}}\n`
  const printed = await sweepOf({ kind: 'scale-workload', system: 'tempo', instances: 1 }, target)
  assert.match(printed, /^undone: scale-workload tempo to 1, left by run run-1/m)
  assert.notEqual(server.pid, undefined)
  const without = await sweepOf({ kind: 'scale-workload', system: 'mimir', instances: 1 }, target)
  assert.match(without, /could not be undone: .*names no workload of mimir any more/)
})

test('an object that a killed run has left in a bucket is removed by the account that wrote it', async () => {
  const asked: string[] = []
  let status = 204
  const storage = createServer(({ method, url, headers }, response) => {
    asked.push(`${method} ${url} ${/Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]}`)
    response.writeHead(status).end()
  })
  await new Promise<void>(resolve => storage.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = storage.address() as AddressInfo
    const target = `s3: {endpoint: 'http://127.0.0.1:${port}', credentials: {accessKeyId: {env: ID}, secretAccessKey: {env: KEY}}}
systems: {tempo: {http: 'http://127.0.0.1:1', otlpGrpc: 'http://127.0.0.1:1', otlpHttp: 'http://127.0.0.1:1',
  bucket: traces, storageUser: keeper, storageSecretKey: {env: KEY}}}\n`
    const action = { kind: 'remove-object', system: 'tempo', bucket: 'traces', key: 'acceptance-run-1' } as const
    const environment = { ID: 'suite', KEY: 'made-up' }
    const printed = await sweepOf(action, target, environment)
    assert.match(printed, /^undone: remove-object traces\/acceptance-run-1, left by run run-1/m)
    assert.deepEqual(
      asked.map(each => each.replace(/\?\S+/, '')),
      ['DELETE /traces/acceptance-run-1 keeper'],
    )
    status = 403
    const refused = await sweepOf(action, target, environment)
    assert.match(refused, /could not be undone: .*the storage account of tempo may not: 403/)
  } finally {
    storage.close()
  }
})
