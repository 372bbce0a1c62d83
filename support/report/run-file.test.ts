import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Secret } from '../secret.ts'
import type { RunResult } from './result.ts'
import { appendLedger, readExitCode, readRun, writeRun } from './run-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-file-'))
after(() => rmSync(folder, { recursive: true }))

new Secret('pass"word')
const run: RunResult = {
  runId: 'run-1',
  target: 'home',
  versions: { tempo: '2.7.2' },
  deadlineScale: 1,
  scaled: false,
  startedAt: '2026-11-21T00:00:00.000Z',
  wallMs: 12,
  exitCode: null,
  scenarios: { passed: 0, failed: 1, notApplicable: 0, undetermined: 0 },
  requirements: [
    {
      id: 'a.b.1',
      says: 'It shall.',
      revision: '0123abcd',
      verdict: 'violated',
      accepted: false,
      fault: 'product',
      deadlineMs: 1,
      timeToTrueMs: null,
      uncertaintyMs: null,
      attempts: 2,
      message: 'answered pass"word',
      notes: [],
      scenarios: [
        {
          name: 'It does.',
          verdict: 'violated',
          fault: 'product',
          step: 'it does',
          within: 'Then',
          request: 'GET /',
          message: 'answered pass"word',
          first: 'pass"word',
          last: null,
        },
      ],
      proof: 'proven',
    },
  ],
  proofsOnRecord: true,
  errors: [],
}

test('run.json holds the run without secrets, and nothing is left beside it', () => {
  const directory = join(folder, 'a/b')
  const written = JSON.parse(readFileSync(writeRun(directory, run), 'utf8'))
  assert.deepEqual(written, {
    schemaVersion: 1,
    runId: 'run-1',
    target: 'home',
    versions: { tempo: '2.7.2' },
    deadlineScale: 1,
    scaled: false,
    startedAt: '2026-11-21T00:00:00.000Z',
    wallMs: 12,
    exitCode: null,
    scenarios: { passed: 0, failed: 1, notApplicable: 0, undetermined: 0 },
    requirements: [
      {
        id: 'a.b.1',
        verdict: 'violated',
        accepted: false,
        deadlineMs: 1,
        timeToTrueMs: null,
        uncertaintyMs: null,
        attempts: 2,
        fault: 'product',
        message: 'answered [secret]',
        proof: 'proven',
        scenarios: [
          {
            name: 'It does.',
            verdict: 'violated',
            fault: 'product',
            step: 'it does',
            within: 'Then',
            request: 'GET /',
            message: 'answered [secret]',
            first: '[secret]',
            last: null,
          },
        ],
      },
    ],
    errors: [],
  })
  assert.deepEqual(readdirSync(directory), ['run.json'])
})

test('the exit code is that of the run asked for; anything else is undetermined', () => {
  writeRun(folder, run)
  assert.equal(readExitCode(folder, 'run-1'), 3)
  writeRun(folder, { ...run, exitCode: 0 })
  assert.equal(readExitCode(folder, 'run-1'), 0)
  assert.equal(readExitCode(folder, 'run-2'), 3)
  assert.equal(readExitCode(join(folder, 'none'), 'run-1'), 3)
  writeFileSync(join(folder, 'run.json'), '{"runId": "run-1", "exit')
  assert.equal(readExitCode(folder, 'run-1'), 3)
})

test('a run that ended is read back; one that did not, or another one, is not', () => {
  writeRun(folder, run)
  assert.throws(() => readRun(folder, 'run-1'), /has not ended/)
  writeRun(folder, { ...run, exitCode: 1 })
  const [requirement] = readRun(folder, 'run-1').requirements
  assert.equal(requirement?.verdict, 'violated')
  assert.deepEqual(
    requirement?.scenarios.map(({ name, within, message, first }) => [name, within, message, first]),
    [['It does.', 'Then', 'answered [secret]', '[secret]']],
  )
  assert.throws(() => readRun(folder, 'run-2'), /another run/)
  assert.throws(() => readRun(join(folder, 'none'), 'run-1'), /cannot be read/)
})

test('the ledger grows by one line for each requirement and run', () => {
  appendLedger(folder, run)
  const file = appendLedger(folder, { ...run, runId: 'run-2' })
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ runId }) => runId),
    ['run-1', 'run-2'],
  )
  assert.deepEqual(lines[0], {
    runId: 'run-1',
    startedAt: '2026-11-21T00:00:00.000Z',
    target: 'home',
    id: 'a.b.1',
    revision: '0123abcd',
    verdict: 'violated',
    accepted: false,
    message: 'answered [secret]',
    timeToTrueMs: null,
    deadlineMs: 1,
    deadlineScale: 1,
    scaled: false,
    versions: { tempo: '2.7.2' },
  })
})
