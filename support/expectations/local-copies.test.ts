import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { bytesToldOf, noCopiesOf, useLessThan } from './local-copies.ts'

const line = (blocks: string, bytes: number) =>
  `ts=2026 user=a msg="downloaded and verified blocks; compacting blocks" block_count=2 blocks=${blocks} total_size_bytes=${bytes} total_samples=9`
const unmet = (act: () => void, says: RegExp) =>
  assert.throws(act, error => error instanceof Unmet && says.test(error.message))

test("the bytes of every merge of these blocks, and of nobody else's", () => {
  const lines = ['msg="start of GC"', line('A,B', 100), line('C,D', 1_000), line('B2,B', 10)]
  assert.equal(bytesToldOf(['A', 'B'], lines), 110)
  unmet(() => bytesToldOf(['E'], lines), /tells of no local copy/)
})

test('index and chunks are copies, a meta.json is none', () => {
  const meta = { path: 'meta-syncer/A/meta.json', bytes: 300 }
  noCopiesOf(['A'])([meta, { path: 'compact/x/B/index', bytes: 9 }])
  unmet(
    () => noCopiesOf(['A'])([meta, { path: 'compact/x/A/chunks/000001', bytes: 9 }]),
    /1 files .* compact\/x\/A\/chunks/,
  )
  assert.throws(() => noCopiesOf([])([]), RangeError)
})

test('the use has fallen when less is there than was', () => {
  const files = [
    { path: 'meta-syncer/A/meta.json', bytes: 300 },
    { path: 'meta-syncer/B/meta.json', bytes: 5_000 },
  ]
  useLessThan(301, ['A'])(files)
  unmet(() => useLessThan(300, ['A'])(files), /use 300 bytes, and used 300/)
})
