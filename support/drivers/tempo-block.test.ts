import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RequestError, TransientError } from '../errors.ts'
import { completeBlock, oneBlockHolds } from '../expectations/blocks.ts'
import { parseRecordedTraces } from '../traces/recorded-traces.ts'
import type { Answer } from './answer.ts'
import type { Bucket, Listing } from './object-storage.ts'
import { TempoBlocks } from './tempo-block.ts'

/** A block that Tempo wrote, with attributes in dedicated columns, and the traces that had been sent to it. */
const recorded = (name: string) => readFileSync(new URL(`../../fixtures/payloads/tempo-block/${name}`, import.meta.url))
const sent = parseRecordedTraces(recorded('sent.ndjson').toString())
const first = sent[0]?.traceId ?? ''
const id = '650a7218-8861-4517-8755-cace98f2040e'
const block = {
  'meta.json': recorded('meta.json'),
  'data.parquet': recorded('data.parquet'),
  index: Buffer.alloc(1),
  'bloom-0': Buffer.alloc(1),
}

/** A bucket in memory that counts what is fetched from it. */
class FakeBucket implements Pick<Bucket, 'name' | 'list' | 'get'> {
  readonly name = 'traces'
  readonly objects = new Map<string, { content: Buffer; modified: Date }>()
  readonly gets: string[] = []
  lists = 0

  put(folder: string, objects: Record<string, Buffer>, modified = new Date()): void {
    for (const [name, content] of Object.entries(objects)) this.objects.set(`${folder}/${name}`, { content, modified })
  }

  async list(prefix: string, _: AbortSignal, delimiter?: string): Promise<Answer<Listing>> {
    this.lists++
    const keys = [...this.objects.keys()].filter(key => key.startsWith(prefix))
    const rest = (key: string) => key.slice(prefix.length)
    const deep = keys.filter(key => delimiter !== undefined && rest(key).includes(delimiter))
    const folders = new Set(deep.map(key => prefix + rest(key).slice(0, rest(key).indexOf('/') + 1)))
    const objects = keys
      .filter(key => !deep.includes(key))
      .map(key => {
        const { content, modified } = this.objects.get(key) ?? { content: Buffer.alloc(0), modified: new Date() }
        return { key, size: content.length, modified }
      })
    return { request: `LIST ${prefix}*`, elapsedMs: 0, value: { objects, folders: [...folders] } }
  }

  async get(key: string, _: AbortSignal, range?: { start: number; end: number }): Promise<Answer<Buffer | undefined>> {
    this.gets.push(key)
    const content = this.objects.get(key)?.content
    return {
      request: `GET ${key}`,
      elapsedMs: 0,
      value: range === undefined ? content : content?.subarray(range.start, range.end),
    }
  }
}

const signal = AbortSignal.timeout(60_000)

function setUp(prefix = ''): { bucket: FakeBucket; blocks: TempoBlocks; folder: string } {
  const bucket = new FakeBucket()
  const blocks = new TempoBlocks(bucket, { prefix, tenant: 'single-tenant' })
  return { bucket, blocks, folder: `${prefix === '' ? '' : `${prefix}/`}single-tenant` }
}

test('every trace of a block is read from its bytes just as it was sent', async () => {
  const { bucket, blocks, folder } = setUp()
  bucket.put(`${folder}/${id}`, block)
  assert.ok(sent.length >= 15)
  for (const trace of sent) {
    const { value } = await blocks.findTrace(trace.traceId, signal)
    oneBlockHolds(trace)(value)
    completeBlock('single-tenant')(value)
  }
  const { value: contents } = await blocks.traceIds(id, signal)
  assert.deepEqual(
    contents,
    new Map(sent.map(({ traceId, spans }) => [traceId, spans.length]).sort() as [string, number][]),
  )
})

test('a block is found when it comes, and only what is new is fetched', async () => {
  const { bucket, blocks, folder } = setUp('a/prefix')
  bucket.put(folder, { 'index.json.gz': Buffer.alloc(1) })
  assert.deepEqual((await blocks.findTrace(first, signal)).value, [])
  bucket.put(`${folder}/${id}`, { 'data.parquet': block['data.parquet'] })
  assert.deepEqual((await blocks.findTrace(first, signal)).value, [], 'without meta.json it is not written yet')
  bucket.put(`${folder}/${id}`, block)
  const { value, request } = await blocks.findTrace(first, signal)
  assert.deepEqual(
    value.map(found => [found.id, found.meta.compactionLevel, found.compacted]),
    [[id, 0, false]],
  )
  assert.deepEqual(value[0]?.objects.toSorted(), Object.keys(block).sort())
  assert.match(request, /LIST a\/prefix\/single-tenant\/\*.*1 of 1 blocks/)
  const fetched = bucket.gets.length
  const listed = bucket.lists
  const unknown = `${'0'.repeat(31)}a`
  for (let time = 0; time < 3; time++) assert.deepEqual((await blocks.findTrace(unknown, signal)).value, [])
  assert.equal(bucket.gets.length, fetched, 'its trace ids are known')
  assert.equal(bucket.lists, listed + 3, 'one listing for each question')
})

test('other tenants, other prefixes and what is no block are passed over', async () => {
  const { bucket, blocks, folder } = setUp()
  bucket.put(`other-tenant/${id}`, block)
  bucket.put(`some/prefix/${folder}/${id}`, block)
  bucket.put(`${folder}/${id}/deeper`, block)
  assert.deepEqual((await blocks.findTrace(first, signal)).value, [])
  assert.deepEqual((await blocks.list(signal)).value, [])
})

test('a compacted block says so, and one that is deleted is no more', async () => {
  const { bucket, blocks, folder } = setUp()
  bucket.put(`${folder}/${id}`, block)
  assert.equal((await blocks.findTrace(first, signal)).value[0]?.compacted, false)
  const meta = bucket.objects.get(`${folder}/${id}/meta.json`)
  assert.ok(meta)
  bucket.objects.set(`${folder}/${id}/meta.compacted.json`, meta)
  bucket.objects.delete(`${folder}/${id}/meta.json`)
  assert.equal((await blocks.findTrace(first, signal)).value[0]?.compacted, true)
  assert.deepEqual(
    (await blocks.list(signal)).value.map(({ compacted }) => compacted),
    [true],
  )
  bucket.objects.clear()
  assert.deepEqual((await blocks.findTrace(first, signal)).value, [])
  assert.equal((await blocks.traceIds(id, signal)).value, undefined)
})

test('blocks from long ago can be passed over', async () => {
  const { bucket, blocks, folder } = setUp()
  const writtenSince = new Date()
  bucket.put(`${folder}/${id}`, block, new Date(writtenSince.getTime() - 120_000))
  assert.deepEqual((await blocks.findTrace(first, signal, { writtenSince })).value, [])
  assert.equal((await blocks.findTrace(first, signal)).value.length, 1)
})

test('many new blocks are listed at once', async () => {
  const { bucket, blocks, folder } = setUp()
  for (let number = 0; number < 30; number++) {
    bucket.put(`${folder}/${id.slice(0, -2)}${10 + number}`, block)
  }
  const { value } = await blocks.findTrace(first, signal)
  assert.equal(value.length, 30)
  assert.equal(bucket.lists, 2)
})

test('a block that cannot be read is named', async () => {
  const broken = setUp()
  broken.bucket.put(`${broken.folder}/${id}`, { ...block, 'data.parquet': Buffer.from('PAR1 and then nothing PAR1') })
  await assert.rejects(broken.blocks.findTrace(first, signal), (error: unknown) => {
    assert.ok(error instanceof RequestError)
    assert.match(error.message, new RegExp(`single-tenant/${id}/data.parquet of bucket traces cannot be read`))
    return true
  })
  const newer = setUp()
  newer.bucket.put(`${newer.folder}/${id}`, {
    ...block,
    'meta.json': Buffer.from(block['meta.json'].toString().replace('vParquet4', 'vParquet9')),
  })
  await assert.rejects(newer.blocks.findTrace(first, signal), /format vParquet9 cannot be read here/)
  const odd = setUp()
  odd.bucket.put(`${odd.folder}/${id}`, { ...block, 'meta.json': Buffer.from('{}') })
  await assert.rejects(odd.blocks.findTrace(first, signal), /is not the meta.json of a Tempo block/)
})

/** The data of the block with these bytes inverted. */
function damaged(...places: readonly number[]): Buffer {
  const data = Buffer.from(block['data.parquet'])
  for (const place of places) data[place] = ~(data[place] ?? 0) & 0xff
  return data
}

async function readingOf(data: Buffer): Promise<unknown> {
  const { bucket, blocks, folder } = setUp()
  bucket.put(`${folder}/${id}`, { ...block, 'data.parquet': data })
  return await blocks.findTrace(first, signal).then(
    () => 'read',
    (error: unknown) => (error instanceof RequestError ? error.whose : error),
  )
}

test('bytes that cannot be decoded are the product’s, whatever the damage does to the reader', async () => {
  assert.equal(await readingOf(damaged(40)), 'product')
  const size = block['data.parquet'].length
  const found = new Set<unknown>()
  for (let place = 4; place < size; place += 499) found.add(await readingOf(damaged(place)))
  assert.deepEqual([...found].sort(), ['product', 'read'])
  // With the footer damaged here, a row comes without its id.
  assert.equal(await readingOf(damaged(size - 15_070)), 'product')
})

test('a damaged schema above damaged columns fails once, and not again where nobody hears it', async () => {
  const unheard: unknown[] = []
  const hear = (error: unknown) => void unheard.push(error)
  process.on('unhandledRejection', hear)
  // A byte of a column, and one of the name of a later column in the footer.
  assert.equal(await readingOf(damaged(400, block['data.parquet'].length - 8_579)), 'product')
  for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', hear)
  assert.deepEqual(unheard, [])
})

test('a format that is not known here, and what goes wrong on the way, is not the product’s', async () => {
  const { bucket, blocks, folder } = setUp()
  const newer = block['meta.json'].toString().replace('vParquet4', 'vParquet9')
  bucket.put(`${folder}/${id}`, { ...block, 'meta.json': Buffer.from(newer) })
  await assert.rejects(blocks.findTrace(first, signal), { name: 'RequestError', whose: 'environment' })
  for (const error of [new TransientError('reset'), new RequestError('403'), new TypeError('a defect')]) {
    const other = setUp()
    other.bucket.put(`${other.folder}/${id}`, block)
    const get = other.bucket.get.bind(other.bucket)
    other.bucket.get = (key, ...rest) => (key.endsWith('.parquet') ? Promise.reject(error) : get(key, ...rest))
    await assert.rejects(other.blocks.findTrace(first, signal), (thrown: unknown) => thrown === error)
  }
})

test('a request that fails in the middle costs no more than itself', async () => {
  const { bucket, blocks, folder } = setUp()
  bucket.put(`${folder}/${id}`, block)
  const get = bucket.get.bind(bucket)
  let failures = 1
  bucket.get = (key, ...rest) =>
    key.endsWith('.parquet') && failures-- > 0 ? Promise.reject(new TransientError('reset')) : get(key, ...rest)
  await assert.rejects(blocks.findTrace(first, signal), { message: 'reset' })
  assert.equal((await blocks.findTrace(first, signal)).value.length, 1)
  assert.equal(bucket.gets.filter(key => key.endsWith('meta.json')).length, 1, 'what was read is kept')
})
