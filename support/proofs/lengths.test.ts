import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { scaledLengths } from './lengths.ts'
import { factsOf, type MeasuredWait, readWaits } from './waits.ts'

const folder = mkdtempSync(join(tmpdir(), 'waits-'))
after(() => rmSync(folder, { recursive: true }))

const wait = (kind: MeasuredWait['kind'], originalMs: number, longestMs: number): MeasuredWait => ({
  key: `${kind} ${originalMs} ${longestMs}`,
  kind,
  originalMs,
  longestMs,
  requests: [],
})

test('a wait lasts three times what was measured, at least so long that a busy machine keeps it, at most as long as ever', () => {
  const waits = [
    wait('deadline', 5_000, 14),
    wait('deadline', 600_000, 4_000.2),
    wait('deadline', 5_000, 4_000),
    wait('deadline', 500, 14),
    wait('deadline', 7_200_000, 14),
    wait('patience', 60_000, 100),
    wait('preparation', 600_000, 14),
    wait('preparation', 600_000, 3_000),
    wait('preparation', 1_000, 14),
    wait('window', 60_000, 60_000),
    wait('window', 1_000, 1_000),
  ]
  assert.deepEqual(
    Object.values(scaledLengths(waits)),
    [1_000, 12_001, 5_000, 500, 7_200, 1_000, 5_000, 9_000, 1_000, 2_000, 1_000],
  )
  assert.deepEqual(Object.values(scaledLengths(waits, { wholeWindows: true })).slice(-2), [60_000, 1_000])
})

test('preparations get more where answers are held back, at most as long as ever', () => {
  const waits = [wait('deadline', 5_000, 14), wait('preparation', 600_000, 14), wait('preparation', 6_000, 14)]
  assert.deepEqual(Object.values(scaledLengths(waits, { slackMs: 11_000 })), [1_000, 16_000, 6_000])
})

test('what is expected to be green gets more, at most as long as ever', () => {
  const named = (requirement: string, originalMs: number) => ({
    ...wait('deadline', originalMs, 14),
    key: `${requirement} | It is ${originalMs} | Then it is`,
  })
  const waits = [named('a.b.1', 600_000), named('a.b.2', 600_000), named('a.b.2', 5_000)]
  assert.deepEqual(Object.values(scaledLengths(waits, { green: new Set(['a.b.2']) })), [1_000, 10_000, 5_000])
})

test('of waits of one key the longest counts, over all files; a line cut short is left out', () => {
  const line = (key: string, tookMs: number, request?: string) =>
    `${JSON.stringify({ key, kind: 'deadline', originalMs: 5_000, tookMs, request })}\n`
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  writeFileSync(one, `${line('a', 5, 'GET /1')}${line('a', 9, 'GET /2')}${line('b', 1)}`)
  writeFileSync(two, `${line('a', 7, 'GET /1')}{"key": "c", "kind"`)
  const waits = readWaits([one, two, join(folder, 'none')])
  assert.deepEqual(
    [...waits.values()],
    [
      { key: 'a', kind: 'deadline', originalMs: 5_000, longestMs: 9, requests: ['GET /1', 'GET /2'] },
      { key: 'b', kind: 'deadline', originalMs: 5_000, longestMs: 1, requests: [] },
    ],
  )
})

test('facts are the waits of scenarios, without preparations, windows and second readers', () => {
  const keys = [
    'a.b.1 | It is | Then it is',
    'a.b.2 | It is | Then it is',
    'a.b.1 | It is | Then it is | second reader',
    'Tempo is ready',
  ]
  const waits = keys.map(key => ({ ...wait('deadline', 5_000, 14), key }))
  const window = { ...wait('window', 5_000, 14), key: 'a.b.1 | It stays | Then it stays' }
  assert.deepEqual(factsOf([...waits, window], new Set(['a.b.1'])), [
    {
      key: keys[0],
      requirement: 'a.b.1',
      scenario: 'It is',
      kind: 'deadline',
      originalMs: 5_000,
      longestMs: 14,
      requests: [],
    },
  ])
})
