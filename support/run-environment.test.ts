import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from './errors.ts'
import { newRunId, readRunEnvironment } from './run-environment.ts'

test('only the target given: a new run id and the usual values', () => {
  const { runId, ...rest } = readRunEnvironment(
    { ACCEPT_TARGET: 't.yaml', ACCEPT_VERSIONS: '' },
    new Date('2026-11-21T02:45:12.999Z'),
  )
  assert.match(runId, /^20261121-024512-[0-9a-f]{4}$/)
  assert.deepEqual(rest, { targetFile: 't.yaml', deadlineScale: 1, versions: {}, reportsDirectory: 'reports' })
})

test('everything given', () => {
  const environment = readRunEnvironment({
    ACCEPT_TARGET: 't.yaml',
    ACCEPT_RUN_ID: 'run-1',
    ACCEPT_DEADLINE_SCALE: '0.01',
    ACCEPT_VERSIONS: '{"tempo":"2.7.2"}',
    ACCEPT_REPORTS: 'out',
    ACCEPT_DEADLINES: 'deadlines.json',
    ACCEPT_WAITS: 'waits.ndjson',
  })
  assert.deepEqual(environment, {
    targetFile: 't.yaml',
    runId: 'run-1',
    deadlineScale: 0.01,
    versions: { tempo: '2.7.2' },
    reportsDirectory: 'out',
    deadlinesFile: 'deadlines.json',
    waitsFile: 'waits.ndjson',
  })
})

test('all that is wrong is told at once', () => {
  const wrong = { ACCEPT_RUN_ID: 'a b', ACCEPT_DEADLINE_SCALE: '-1', ACCEPT_VERSIONS: 'x' }
  assert.throws(
    () => readRunEnvironment(wrong),
    (error: UsageError) =>
      error instanceof UsageError &&
      error.faults.length === 4 &&
      /ACCEPT_DEADLINE_SCALE: expected a number above 0/.test(error.message),
  )
  assert.throws(
    () => readRunEnvironment({ ACCEPT_DEADLINE_SCALE: 'fast', ACCEPT_TARGET: '' }),
    /ACCEPT_DEADLINE_SCALE: expected a number/,
  )
  assert.throws(() => readRunEnvironment({ ACCEPT_TARGET: '' }), /ACCEPT_TARGET: names no target file/)
  assert.throws(() => readRunEnvironment({ ACCEPT_VERSIONS: '{"tempo": 2}' }), /ACCEPT_VERSIONS/)
})

test('two run ids of one moment differ', () => {
  const now = new Date()
  assert.equal(new Set(Array.from({ length: 5 }, () => newRunId(now))).size > 1, true)
})
