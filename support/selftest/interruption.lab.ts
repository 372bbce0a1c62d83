import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, type NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { StorageAdministration } from '../drivers/storage-administration.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { isEnded } from '../lab/testing/processes.ts'
import { identifyProcess } from '../process-identity.ts'
import { loadTarget } from '../target/load.ts'
import type { Command } from './command.ts'
import { printed, readReport } from './run-report.ts'
import { targetOf } from './target.ts'
import { useTestLab } from './test-lab.ts'
import { until } from './until.ts'

const { surroundings, lab } = useTestLab()

/** A run of which one requirement is soon decided and another is not, in the middle. */
async function startAndDecideOne(): Promise<{ command: Command; own: LabRecord }> {
  const command = surroundings.accept(['--requirement', 'tempo-mimir.003.8', '--requirement', 'suite.tempo.5'])
  await command.prints(/^satisfied +tempo-mimir\.003\.8 /m)
  const own = surroundings.labRecords().find(({ servers }) => servers.length === 2)
  return { command, own: own ?? assert.fail('the run has no lab') }
}

function isAlive({ servers }: LabRecord): boolean[] {
  return servers.map(({ process }) => identifyProcess(process.pid)?.startTicks === process.startTicks)
}

/** Where the lab's proxy listens: whatever its target file names. */
function proxiedPlaces({ directory }: LabRecord): (NetConnectOpts & object)[] {
  const { s3, systems } = targetOf({ targetFile: join(directory, 'target.yaml') })
  const { http, otlpGrpc, otlpHttp, workload } = systems.tempo
  const ports = [s3.endpoint, http, otlpGrpc, otlpHttp].map(url => Number(new URL(url as string).port))
  assert.ok(workload?.kind === 'LabProcess')
  return [...ports.map(port => ({ host: '127.0.0.1', port })), { path: workload.socket }]
}

async function isListenedOn(place: NetConnectOpts): Promise<boolean> {
  const socket = connect(place)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function assertGone({ servers, directory }: LabRecord): Promise<void> {
  for (const { name, process } of servers) assert.ok(await isEnded(process.pid), `${name} still runs`)
  assert.equal(existsSync(directory), false)
  assert.deepEqual(surroundings.labRecords(), [])
}

test('an interrupted run ends within seconds, says so in its report, and takes its lab with it', async () => {
  const { command, own } = await startAndDecideOne()
  assert.deepEqual(isAlive(own), [true, true])
  const interruptedAt = performance.now()
  command.signal('SIGINT')
  const ended = await command.ended
  assert.ok(performance.now() - interruptedAt < 5_000, `it took ${performance.now() - interruptedAt} ms`)
  assert.equal(ended.code, 130, printed(ended))
  const run = readReport(ended)
  assert.equal(run.exitCode, 130)
  const verdicts = Object.fromEntries(run.requirements.map(({ id, verdict }) => [id, verdict]))
  assert.equal(verdicts['tempo-mimir.003.8'], 'satisfied')
  assert.equal(verdicts['suite.tempo.5'], 'undetermined')
  await assertGone(own)
})

test('a second interruption ends the process at once, and still takes the lab with it', async () => {
  const { command, own } = await startAndDecideOne()
  command.signal('SIGINT')
  command.signal('SIGTERM')
  const ended = await command.ended
  assert.equal(ended.code, 130, printed(ended))
  await assertGone(own)
})

test('a run that is interrupted while its lab starts leaves nothing behind', async () => {
  const command = surroundings.accept(['--requirement', 'tempo-mimir.003.8'])
  let own: LabRecord | undefined
  await until('the first server of the lab', 30_000, async () => {
    own = surroundings.labRecords().find(({ servers }) => servers.length > 0)
    return own !== undefined
  })
  command.signal('SIGINT')
  const ended = await command.ended
  assert.equal(ended.code, 130, printed(ended))
  await assertGone(own ?? assert.fail('no record'))
})

test('a killed run is never green, and the next run ends its servers and says so', async () => {
  const { command, own } = await startAndDecideOne()
  const places = proxiedPlaces(own)
  for (const place of places) assert.equal(await isListenedOn(place), true, JSON.stringify(place))
  command.signal('SIGKILL')
  const killed = await command.ended
  assert.equal(killed.code, undefined)
  for (const place of places) assert.equal(await isListenedOn(place), false, JSON.stringify(place))
  assert.deepEqual(isAlive(own), [true, true], 'nobody was there to end the servers')
  const run = readReport(killed)
  assert.equal(run.exitCode, null)
  assert.ok(run.requirements.some(({ id, verdict }) => id === 'suite.tempo.5' && verdict === 'undetermined'))

  const next = await surroundings.accept(['--requirement', 'tempo-mimir.003.8']).ended
  assert.equal(next.code, 0, printed(next))
  for (const { name, process } of own.servers)
    assert.ok(next.stderr.includes(`${name} (pid ${process.pid})`), next.stderr)
  await assertGone(own)
})

test('sweep ends the servers of a killed run too, and then finds nothing more', async () => {
  const { command, own } = await startAndDecideOne()
  command.signal('SIGKILL')
  await command.ended
  const sweep = await surroundings.sweep().ended
  assert.equal(sweep.code, 0, printed(sweep))
  for (const { name, process } of own.servers)
    assert.ok(sweep.stdout.includes(`${name} (pid ${process.pid})`), sweep.stdout)
  await assertGone(own)
  const again = await surroundings.sweep().ended
  assert.deepEqual([again.code, again.stdout], [0, 'nothing is left of earlier runs\n'])
})

test('a run on a running system that is killed while it has disabled a user is put right by sweep', async () => {
  const { command, status } = await startAndDisable()
  command.signal('SIGKILL')
  const killed = await command.ended
  assert.equal(readReport(killed).exitCode, null)
  assert.equal(await status(), 'disabled', 'nobody was there to enable it again')

  const unable = await surroundings.sweep().ended
  assert.equal(unable.code, 3, printed(unable))
  assert.match(unable.stdout, /could not be undone.*LAB_S3_\w+ is not set/s)
  assert.equal(await status(), 'disabled')

  const sweep = await surroundings.sweep(lab().environment).ended
  assert.equal(sweep.code, 0, printed(sweep))
  assert.match(sweep.stdout, /undone: enable-storage-user tempo/)
  assert.equal(await status(), 'enabled')
  const again = await surroundings.sweep(lab().environment).ended
  assert.equal(again.stdout, 'nothing is left of earlier runs\n')
})

test('a run that is interrupted while it has disabled a user enables it again itself', async () => {
  const { command, status } = await startAndDisable()
  command.signal('SIGINT')
  const ended = await command.ended
  assert.equal(ended.code, 130, printed(ended))
  assert.equal(readReport(ended).exitCode, 130)
  assert.equal(await status(), 'enabled')
  assert.equal((await surroundings.sweep(lab().environment).ended).stdout, 'nothing is left of earlier runs\n')
})

/** A run on the test's own lab that has disabled Tempo's storage user. */
async function startAndDisable() {
  const { s3, systems } = loadTarget(lab().targetFile, lab().environment)
  const administration = new StorageAdministration(s3 ?? assert.fail('no s3'))
  const user = systems.tempo?.storageUser ?? assert.fail('no storage user')
  const status = async () => (await administration.userStatus(user, AbortSignal.timeout(5_000))).value
  assert.equal(await status(), 'enabled')
  const options = ['--target', lab().targetFile, '--requirement', 'tempo-mimir.005.6']
  const command = surroundings.accept(options, lab().environment)
  await until(`${user} is disabled`, 30_000, async () => (await status()) === 'disabled')
  return { command, status }
}
