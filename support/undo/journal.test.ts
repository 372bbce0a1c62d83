import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { crossOut, describeAction, pendingChanges, recordChange } from './journal.ts'

const action = { kind: 'enable-storage-user', user: 'tempo' } as const
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a change is pending until it is crossed out, and then leaves nothing behind', () => {
  const change = recordChange('run-1', 'target.yaml', action, folder)
  const [pending, ...others] = pendingChanges(folder)
  assert.deepEqual(others, [])
  assert.deepEqual(pending?.action, action)
  assert.equal(pending?.targetFile, 'target.yaml')
  assert.equal(pending?.owned, true, 'this process is alive and will undo it by itself')
  crossOut('run-1', change, folder)
  assert.deepEqual(pendingChanges(folder), [])
  assert.deepEqual(readdirSync(folder), [])
})

test('the latest change is undone first, over all runs', () => {
  const first = recordChange('run-1', 'a.yaml', action, folder)
  const second = recordChange('run-2', 'b.yaml', action, folder)
  assert.deepEqual(
    pendingChanges(folder).map(({ id }) => id),
    [second, first],
  )
  crossOut('run-2', second, folder)
  assert.deepEqual(
    pendingChanges(folder).map(({ id }) => id),
    [first],
  )
})

test('a change of a process that is gone has no owner', () => {
  recordChange('run-1', 'a.yaml', action, folder)
  const file = join(folder, 'run-1.ndjson')
  const foreign = readFileSync(file, 'utf8').replace(/"process":\{[^}]*\}/, '"process":{"pid":1,"startTicks":"7"}')
  rmSync(file)
  appendFileSync(file, foreign)
  assert.equal(pendingChanges(folder)[0]?.owned, false)
})

test('actions are told in words', () => {
  assert.equal(describeAction(action), 'enable-storage-user tempo')
  assert.equal(
    describeAction({ kind: 'remove-object', system: 'tempo', bucket: 'traces', key: 'a-b' }),
    'remove-object traces/a-b',
  )
  assert.equal(describeAction({ kind: 'scale-workload', system: 'mimir', instances: 1 }), 'scale-workload mimir to 1')
  assert.equal(
    describeAction({ kind: 'remove-scrape-target', discovery: '/targets', name: 'a-b' }),
    'remove-scrape-target a-b from /targets',
  )
})

test('a line that a kill cut short does not hide the ones before it', () => {
  const change = recordChange('run-1', 'a.yaml', action, folder)
  appendFileSync(join(folder, 'run-1.ndjson'), '{"change":"half')
  assert.deepEqual(
    pendingChanges(folder).map(({ id }) => id),
    [change],
  )
})
