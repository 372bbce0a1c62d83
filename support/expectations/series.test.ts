import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import type { Series } from '../metrics/series.ts'
import { blocksHoldSeries, completeBlocks, mergedWithAll, retiredBlocks, writtenSince } from './metric-blocks.ts'
import { exactlyTheseSeries, noSeries } from './series.ts'

const at = Date.UTC(2026, 10, 27, 12)
const series = (labels: Record<string, string>, ...values: number[]): Series => ({
  labels: { __name__: 'probe', ...labels },
  samples: values.map((value, index) => ({ timestampMs: at + index * 1_000, value })),
})
const sent = [series({ part: '0' }, 1, 2, 3), series({ part: '1' }, Number.NaN, Number.POSITIVE_INFINITY)]

function unmet(check: () => void): string {
  try {
    check()
  } catch (error) {
    assert.ok(error instanceof Unmet, String(error))
    return error.message
  }
  return assert.fail('it was accepted')
}

test('the very same series are accepted, in any order of labels', () => {
  const turned = { ...sent[0], labels: { part: '0', __name__: 'probe' } } as Series
  exactlyTheseSeries(sent)([sent[1] as Series, turned])
})

for (const { what, found, told } of [
  { what: 'a series less', found: [sent[0]], told: /1 of 2 series; missing probe\{part="1"\}/ },
  {
    what: 'a series more',
    found: [...sent, series({ part: '2' }, 1)],
    told: /1 series that were not written: probe\{part="2"\}/,
  },
  { what: 'a series twice', found: [...sent, sent[0]], told: /probe\{part="0"\} is there 2 times/ },
  {
    what: 'another label',
    found: [series({ part: '0', more: 'x' }, 1, 2, 3), sent[1]],
    told: /1 of 2 series; missing/,
  },
  {
    what: 'a sample less',
    found: [series({ part: '0' }, 1, 2), sent[1]],
    told: /2 of 3 samples; missing 3 at 2026-11-27T12:00:02/,
  },
  {
    what: 'a sample more',
    found: [series({ part: '0' }, 1, 2, 3, 4), sent[1]],
    told: /1 samples that were not written, such as 4 at/,
  },
  {
    what: 'another value',
    found: [series({ part: '0' }, 1, 2, 3 + 1e-15), sent[1]],
    told: /at 2026-11-27T12:00:02.000Z: written 3, found 3.000000000000001/,
  },
  {
    what: 'a number for no number',
    found: [sent[0], series({ part: '1' }, 0, Number.POSITIVE_INFINITY)],
    told: /written NaN, found 0/,
  },
] as { what: string; found: Series[]; told: RegExp }[]) {
  test(`${what} is told`, () =>
    assert.match(
      unmet(() => exactlyTheseSeries(sent)(found)),
      told,
    ))
}

test('a sample that is there twice is told', () => {
  const twice = { ...sent[0], samples: [...(sent[0]?.samples ?? []), { timestampMs: at, value: 1 }] } as Series
  assert.match(
    unmet(() => exactlyTheseSeries(sent)([twice, sent[1] as Series])),
    /the sample of 2026-11-27T12:00:00.000Z is there 2 times/,
  )
})

test('nothing is nothing', () => {
  noSeries([])
  assert.equal(
    unmet(() => noSeries(sent)),
    '2 series, such as probe{part="0"}',
  )
  assert.throws(() => exactlyTheseSeries([])([]), RangeError)
})

const block = (id: string, of: readonly Series[], more: object = {}) => ({
  id,
  compactionLevel: 1,
  sources: [id],
  objects: ['meta.json', 'index', 'chunks/000001'],
  marked: false,
  writtenAt: new Date(at),
  series: of,
  ...more,
})

test('blocks hold series together, and a merge may hold them a second time', () => {
  const parts = [block('A', [series({ part: '0' }, 1, 2, 3)]), block('B', [sent[1] as Series])]
  blocksHoldSeries(sent)(parts)
  blocksHoldSeries(sent)([...parts, block('C', sent, { compactionLevel: 2, sources: ['A', 'B'] })])
  assert.match(
    unmet(() => blocksHoldSeries(sent)(parts.slice(0, 1))),
    /in 1 blocks: 1 of 2 series; missing/,
  )
  assert.equal(
    unmet(() => blocksHoldSeries(sent)([])),
    'no block holds any of these series',
  )
  assert.match(
    unmet(() => blocksHoldSeries(sent)(parts.map(each => ({ ...each, marked: true })))),
    /marked for deletion: A, B/,
  )
  const other = block('C', [series({ part: '0' }, 1, 2, 4)])
  assert.match(
    unmet(() => blocksHoldSeries(sent)([...parts, other])),
    /is there 2 times/,
  )
})

test('a merge holds every sample of its sources, which are retired', () => {
  const merged = block('C', sent, { compactionLevel: 2, sources: ['A', 'B'] })
  mergedWithAll(['A', 'B'], sent)([merged])
  assert.match(
    unmet(() => mergedWithAll(['A', 'B'], sent)([block('A', sent)])),
    /no block was made of A and B; there are A \(level 1\)/,
  )
  assert.match(
    unmet(() => mergedWithAll(['A', 'B'], sent)([{ ...merged, series: [sent[0] as Series] }])),
    /block C: 1 of 2 series/,
  )
  retiredBlocks(['A', 'B'])([merged, block('A', sent, { marked: true })])
  assert.equal(
    unmet(() => retiredBlocks(['A', 'B'])([merged, block('B', sent)])),
    'neither marked for deletion nor gone: B',
  )
})

test('a block is complete and young', () => {
  completeBlocks([block('A', sent)])
  assert.match(
    unmet(() => completeBlocks([block('A', sent, { objects: ['meta.json', 'index'] })])),
    /block A has no chunks/,
  )
  writtenSince(new Date(at))([block('A', sent)])
  assert.match(
    unmet(() => writtenSince(new Date(at + 120_000))([block('A', sent)])),
    /block A was modified at/,
  )
})
