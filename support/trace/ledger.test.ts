import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readLedger } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
after(() => rmSync(folder, { recursive: true }))

const line = (startedAt: string, more: object = {}) =>
  JSON.stringify({
    runId: startedAt,
    startedAt,
    target: 'lab',
    id: 'paper.one.1',
    revision: '1a2b3c4d',
    verdict: 'satisfied',
    accepted: false,
    timeToTrueMs: 5,
    deadlineMs: 10,
    deadlineScale: 1,
    scaled: false,
    versions: {},
    ...more,
  })

test('the history of a requirement has the newest first; scaled runs and lines that broke off are left out', () => {
  const lines = [line('2026-01-01'), line('2026-01-03'), line('2026-01-02', { scaled: true }), '{"runId": "2026-0']
  writeFileSync(join(folder, 'ledger.ndjson'), `${lines.join('\n')}\n`)
  const { byRequirement, unreadable } = readLedger(folder)
  assert.deepEqual(
    byRequirement.get('paper.one.1')?.map(({ startedAt }) => startedAt),
    ['2026-01-03', '2026-01-01'],
  )
  assert.deepEqual(unreadable, [`${join(folder, 'ledger.ndjson')}:4`])
})

test('where no run wrote there is no history', () => {
  assert.deepEqual([...readLedger(join(folder, 'nowhere')).byRequirement], [])
})
