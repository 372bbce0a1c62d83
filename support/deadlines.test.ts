import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { anyWindow, deadlinesOf, windowKey } from './deadlines.ts'

const folder = mkdtempSync(join(tmpdir(), 'deadlines-'))
after(() => rmSync(folder, { recursive: true }))

test('a wait without a time of its own is scaled', () => {
  const deadlines = deadlinesOf({ scale: 0.5, file: undefined, waitsFile: undefined })
  assert.equal(deadlines.waitMs('any', 1_000), 500)
})

test('a wait with a time of its own has just that', () => {
  const file = join(folder, 'deadlines.json')
  writeFileSync(file, JSON.stringify({ 'a | b | c': 1_234 }))
  const deadlines = deadlinesOf({ scale: 1, file, waitsFile: undefined })
  assert.equal(deadlines.waitMs('a | b | c', 60_000), 1_234)
  assert.equal(deadlines.waitMs('another', 60_000), 60_000)
})

test('all windows may be made shorter at once, and no other wait', () => {
  const file = join(folder, 'windows.json')
  writeFileSync(file, JSON.stringify({ [anyWindow]: 2_000, [windowKey('its own')]: 7_000 }))
  const deadlines = deadlinesOf({ scale: 1, file, waitsFile: undefined })
  assert.equal(deadlines.waitMs(windowKey('a | b | c'), 60_000), 2_000)
  assert.equal(deadlines.waitMs(windowKey('a | b | c'), 1_000), 1_000)
  assert.equal(deadlines.waitMs(windowKey('its own'), 60_000), 7_000)
  assert.equal(deadlines.waitMs('a | b | c', 60_000), 60_000)
})

test('a file that cannot be read is told by the name of its variable', () => {
  const file = join(folder, 'missing.json')
  assert.throws(() => deadlinesOf({ scale: 1, file, waitsFile: undefined }), /ACCEPT_DEADLINES: .*missing\.json/)
})

test('times that are none are not taken for such', () => {
  for (const content of ['{"a": "1 s"}', '{"a": 0}', '[1]', '{']) {
    const file = join(folder, 'wrong.json')
    writeFileSync(file, content)
    assert.throws(() => deadlinesOf({ scale: 1, file, waitsFile: undefined }), /ACCEPT_DEADLINES: .*wrong\.json/)
  }
})

test('waits that came true are written down, one line each', () => {
  const waitsFile = join(folder, 'waits.ndjson')
  const deadlines = deadlinesOf({ scale: 1, file: undefined, waitsFile })
  const wait = { key: 'a', kind: 'deadline', originalMs: 5_000, tookMs: 12 } as const
  deadlines.cameTrue(wait)
  deadlines.cameTrue({ ...wait, key: 'b' })
  const lines = readFileSync(waitsFile, 'utf8').trim().split('\n')
  assert.deepEqual(
    lines.map(line => JSON.parse(line)),
    [wait, { ...wait, key: 'b' }],
  )
})
