import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mostAtATime, scenarioTimes } from './overlap.ts'

test('the most at a time is counted, not the number of all', () => {
  assert.equal(mostAtATime([]), 0)
  assert.equal(
    mostAtATime([
      { start: 0, stop: 10 },
      { start: 2, stop: 5 },
      { start: 4, stop: 6 },
      { start: 6, stop: 8 },
      { start: 7, stop: 20 },
    ]),
    3,
  )
})

test('what begins as another ends does not overlap with it', () => {
  assert.equal(
    mostAtATime([
      { start: 5, stop: 9 },
      { start: 0, stop: 5 },
    ]),
    1,
  )
})

test('times are read from the results alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overlap-'))
  try {
    writeFileSync(join(folder, 'a-result.json'), '{"name": "one", "start": 3, "stop": 4}')
    writeFileSync(join(folder, 'b-container.json'), '{"start": 1, "stop": 9}')
    assert.deepEqual(scenarioTimes(folder), [{ start: 3, stop: 4 }])
    writeFileSync(join(folder, 'c-result.json'), '{"name": "broken"}')
    assert.throws(() => scenarioTimes(folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
