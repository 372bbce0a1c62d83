import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bootCluster } from '../cluster/cluster.ts'
import { clusterPlace } from '../cluster/place.ts'
import { readRecord } from '../cluster/record.ts'
import { describeProgress } from '../lab/progress.ts'
import { lookAtMachine, type Machine } from './machine.ts'
import { printed } from './run-report.ts'
import { Surroundings } from './surroundings.ts'

const surroundings = new Surroundings()
const place = clusterPlace(join(surroundings.data, 'cluster'))
const longestMs = 60_000
let untouched: Machine

const cluster = (action: string) =>
  surroundings.run(() => [process.execPath, 'support/cli/cluster.ts', action], {}).ended

before(async () => {
  untouched = lookAtMachine()
  // What must be built takes longer than a command under test may.
  const signal = AbortSignal.timeout(30 * 60_000)
  await bootCluster({ place, signal, onProgress: event => process.stderr.write(`${describeProgress(event)}\n`) })
})
after(async () => {
  await cluster('down')
  await surroundings[Symbol.asyncDispose]()
})

test('a cluster that runs is told of, and booted no second time', async () => {
  const before = readRecord(place.record)?.keeper?.pid
  const up = await cluster('up')
  assert.equal(up.code, 0, printed(up))
  assert.match(up.stderr, /^the cluster is up \(\d+\.\d s\): export KUBECONFIG=/m)
  assert.equal(readRecord(place.record)?.keeper?.pid, before)
  const status = await cluster('status')
  assert.equal(status.code, 0, printed(status))
  assert.match(status.stdout, /^acceptance +Ready /m)
  assert.match(status.stdout, /^kube-system +coredns-\S+ +1\/1 +Running/m)
  const kubeconfig = await cluster('kubeconfig')
  assert.equal(JSON.parse(kubeconfig.stdout).kind, 'Config', printed(kubeconfig))
})

test('one that was killed is booted again', async () => {
  const keeper = readRecord(place.record)?.keeper
  assert.ok(keeper !== undefined)
  process.kill(keeper.pid, 'SIGKILL')
  const status = await cluster('status')
  assert.deepEqual([status.code, status.stdout], [3, 'the cluster does not run\n'])
  const up = await cluster('up')
  assert.equal(up.code, 0, printed(up))
  assert.notEqual(readRecord(place.record)?.keeper?.pid, keeper.pid)
})

test('nothing is left of it when it was ended: no process, mount, device, cgroup, folder or setting', async () => {
  const startedAt = performance.now()
  const down = await cluster('down')
  assert.equal(down.code, 0, printed(down))
  assert.match(down.stderr, /nothing of it is left/)
  assert.deepEqual(lookAtMachine(), untouched)
  assert.throws(() => readFileSync(place.record), /ENOENT/)
  assert.ok(performance.now() - startedAt < longestMs)
  const again = await cluster('down')
  assert.match(again.stderr, /there was no cluster/)
})

test('what is no action is told with the nearest one', async () => {
  const { code, stderr } = await cluster('upp')
  assert.equal(code, 2)
  assert.match(stderr, /did you mean up\?/)
})
