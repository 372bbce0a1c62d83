import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { identifyProcess } from '../process-identity.ts'
import { directoryPrefix, recordFile, writeRecord } from './lab-record.ts'
import { endOrphans } from './orphans.ts'
import { isEnded } from './testing/processes.ts'

const records = mkdtempSync(join(tmpdir(), 'orphans-test-'))
after(() => rmSync(records, { recursive: true, force: true }))

const startSupervisor = async (): Promise<{ supervisor: ChildProcess; directory: string; pid: number }> => {
  const program = fileURLToPath(new URL('testing/supervisor.ts', import.meta.url))
  const supervisor = spawn(process.execPath, [program, records], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
  return { supervisor, ...JSON.parse(String(line)) }
}

describe('orphans', { timeout: 30_000 }, () => {
  it('of a supervisor that was killed are ended, and their folder deleted; a living one keeps its own', async () => {
    const { supervisor, directory, pid } = await startSupervisor()
    const told: string[] = []
    await endOrphans(line => told.push(line), records)
    assert.equal(told.length, 0)
    assert.notEqual(identifyProcess(pid), undefined)
    assert.ok(existsSync(directory))

    supervisor.kill('SIGKILL')
    await once(supervisor, 'exit')
    assert.notEqual(identifyProcess(pid), undefined)
    await endOrphans(line => told.push(line), records)
    assert.ok(await isEnded(pid))
    assert.equal(existsSync(directory), false)
    assert.deepEqual(readdirSync(records), [])
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', new RegExp(`ended scripted \\(pid ${pid}\\), deleted ${directory}`))
  })

  it('are not taken for another process that got the number of one', {
    skip: process.platform !== 'linux',
  }, async () => {
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    const directory = mkdtempSync(join(tmpdir(), directoryPrefix))
    const gone = { pid: process.pid, startTicks: '1' }
    const server = { name: 'tempo', program: 'sleep', process: { pid: stranger.pid, startTicks: '1' } }
    writeFileSync(join(records, '1.json'), JSON.stringify({ supervisor: gone, directory, servers: [server] }))
    const told: string[] = []
    await endOrphans(line => told.push(line), records)
    assert.match(told[0] ?? '', /nothing of it was running/)
    assert.equal(existsSync(directory), false)
    assert.equal(stranger.exitCode ?? stranger.signalCode, null)
    assert.notEqual(identifyProcess(stranger.pid ?? 0), undefined)
    stranger.kill('SIGKILL')
  })

  it('never cost a folder that is no lab, and a damaged record does no harm', async () => {
    const precious = join(records, 'precious')
    mkdirSync(precious)
    const gone = { pid: process.pid, startTicks: '1' }
    writeFileSync(join(records, '2.json'), JSON.stringify({ supervisor: gone, directory: precious, servers: [] }))
    writeFileSync(join(records, '3.json'), '{"supervisor":')
    await endOrphans(() => undefined, records)
    assert.ok(existsSync(precious))
    assert.deepEqual(readdirSync(records).sort(), ['3.json', 'precious'])
    await endOrphans(() => assert.fail('there is nothing to tell'), join(records, 'no-such-folder'))
  })

  it('are found by a record that names the processes with their start', () => {
    const directory = join(tmpdir(), `${directoryPrefix}abc`)
    const file = recordFile(directory, records)
    writeRecord(file, directory, [{ name: 'tempo', program: '/x/tempo', pid: process.pid }])
    assert.ok(file.endsWith(`${process.pid}-abc.json`))
  })
})
