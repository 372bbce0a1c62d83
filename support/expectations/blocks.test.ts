import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { batches, simpleTrace } from '../traces/simple-trace.ts'
import type { Span } from '../traces/trace.ts'
import {
  blocksHold,
  completeBlock,
  mergedIntoOne,
  mergedSources,
  oneBlockHolds,
  retired,
  type SeenBlockOfTrace,
  type SurveyedBlock,
} from './blocks.ts'

const sent = simpleTrace({ run: 'r', scenario: 's', spans: 4 })
const [first, second] = batches(sent, 2)

function block(id: string, spans: readonly Span[], differing: Partial<SeenBlockOfTrace> = {}): SeenBlockOfTrace {
  const meta = { tenant: 'single-tenant', compactionLevel: 0, bloomShards: 1 }
  const objects = ['bloom-0', 'data.parquet', 'index', 'meta.json']
  return { id, meta, objects, compacted: false, traceId: sent.traceId, spans, ...differing }
}

function fault(check: () => void): string {
  try {
    check()
  } catch (error) {
    assert.ok(error instanceof Unmet, String(error))
    return error.message
  }
  return 'accepted'
}

const changed = sent.spans.map((span, index) => (index === 1 ? { ...span, start: span.start + 1n } : span))

test('one block holds the whole trace', () => {
  const check = oneBlockHolds(sent)
  check([block('a', sent.spans)])
  check([block('a', first?.spans ?? []), block('b', sent.spans)])
  check([block('a', sent.spans, { compacted: true }), block('b', sent.spans)])
  assert.equal(
    fault(() => check([])),
    `no block holds trace ${sent.traceId}`,
  )
  assert.match(
    fault(() => check([block('a', first?.spans ?? []), block('b', second?.spans ?? [])])),
    /^block a: 2 of 4 spans; missing .*\nblock b: 2 of 4 spans/,
  )
  assert.match(
    fault(() => check([block('a', [...sent.spans, ...sent.spans.slice(0, 1)])])),
    /block a: span .* is there 2 times/,
  )
  assert.match(
    fault(() => check([block('a', changed)])),
    /start: sent .*, in the block .* \(1 ns later\)/,
  )
  assert.match(
    fault(() => check([block('a', sent.spans, { compacted: true })])),
    /only in blocks that are marked as compacted: a/,
  )
})

test('several blocks hold the whole trace together, replicas too, but none of them a span twice', () => {
  const check = blocksHold(sent)
  check([block('a', first?.spans ?? []), block('b', second?.spans ?? [])])
  check([block('a', sent.spans), block('b', structuredClone(sent.spans) as Span[]), block('c', first?.spans ?? [])])
  assert.match(
    fault(() => check([block('a', first?.spans ?? [])])),
    /^in 1 blocks: 2 of 4 spans; missing/,
  )
  assert.match(
    fault(() => check([block('a', [...sent.spans, ...sent.spans])])),
    /block a holds 8 spans, of which 4 differ/,
  )
  assert.match(
    fault(() => check([block('a', sent.spans), block('b', changed)])),
    /is there 2 times/,
  )
  assert.match(
    fault(() => check([])),
    /no block holds/,
  )
})

test('a complete block is of the tenant, with all that belongs to it', () => {
  const check = completeBlock('single-tenant')
  check([block('a', [])])
  check([block('broken', [], { objects: [] }), block('a', [])])
  for (const name of ['bloom-0', 'data.parquet', 'index', 'meta.json']) {
    const { objects } = block('a', [])
    assert.match(
      fault(() => check([block('a', [], { objects: objects.filter(object => object !== name) })])),
      new RegExp(`block a has no ${name}`),
    )
  }
  const sharded = { tenant: 'single-tenant', compactionLevel: 0, bloomShards: 2 }
  assert.match(
    fault(() => check([block('a', [], { meta: sharded })])),
    /block a has no bloom-1/,
  )
  assert.match(
    fault(() => completeBlock('shop')([block('a', [])])),
    /of tenant single-tenant, not shop/,
  )
  assert.equal(
    fault(() => check([])),
    'no block holds the trace',
  )
})

const traces = (...ids: string[]) => new Map(ids.map(id => [id, 2]))
const surveyed = (id: string, level: number, ids: string[], differing: Partial<SurveyedBlock> = {}): SurveyedBlock => ({
  ...block(id, []),
  meta: { tenant: 'single-tenant', compactionLevel: level, bloomShards: 1 },
  traces: traces(...ids),
  ...differing,
})
const sources = [
  { id: 'a', traces: traces('1', '2') },
  { id: 'b', traces: traces('3') },
  { id: 'c', traces: traces('4') },
]

test('at least two blocks are merged into one of a higher level', () => {
  const check = mergedIntoOne(sources)
  check([surveyed('z', 1, ['1', '2', '3'])])
  check([surveyed('z', 2, ['1', '2', '3', '4', 'other']), surveyed('a', 0, ['1', '2'])])
  assert.deepEqual(mergedSources(sources, [surveyed('y', 1, ['4']), surveyed('z', 1, ['1', '2', '3'])]), ['a', 'b'])
  assert.match(
    fault(() => check([])),
    /^0 of 3 blocks were merged into one; no block of compaction level 1/,
  )
  assert.match(
    fault(() => check([surveyed('z', 0, ['1', '2', '3', '4'])])),
    /no block of compaction level 1/,
  )
  assert.match(
    fault(() => check([surveyed('z', 1, ['1', '3'])])),
    /^1 of 3 blocks were merged into one; compacted blocks: z \(level 1, 2 traces\)/,
  )
  assert.match(
    fault(() =>
      check([
        surveyed('z', 1, ['1', '2', '3'], {
          traces: new Map([
            ['1', 2],
            ['2', 2],
            ['3', 1],
          ]),
        }),
      ]),
    ),
    /^1 of 3/,
  )
  check([surveyed('y', 1, ['1', '2']), surveyed('z', 1, ['3', '4', '9'])])
  assert.throws(() => mergedIntoOne(sources.slice(0, 1))([]), /at least two/)
})

test('a source is marked as compacted, or gone', () => {
  const check = retired(['a', 'b'])
  check([block('a', [], { compacted: true }), block('z', [])])
  assert.equal(
    fault(() => check([block('a', []), block('b', [], { compacted: true })])),
    'neither marked as compacted nor gone: a',
  )
  assert.throws(() => retired([])([]), RangeError)
})
