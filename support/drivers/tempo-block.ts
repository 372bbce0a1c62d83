import type { AsyncBuffer, FileMetaData } from 'hyparquet'
import { z } from 'zod'
import { isDefect, RequestError, TransientError } from '../errors.ts'
import type { TempoSystem } from '../target/target.ts'
import type { Span } from '../traces/trace.ts'
import type { Answer } from './answer.ts'
import type { Bucket } from './object-storage.ts'
import { type BlockMeta, parseBlockMeta } from './tempo-block-meta.ts'
import { spansOfRow } from './tempo-block-rows.ts'

/** A block as its objects in the bucket show it. */
export interface Block {
  readonly id: string
  readonly meta: BlockMeta
  /** Names below the block's folder: `data.parquet`, `index`, `bloom-0`, `meta.json` or `meta.compacted.json`. */
  readonly objects: readonly string[]
  /** Its traces are in another block by now; it is only kept until nobody reads it any more. */
  readonly compacted: boolean
  /** When its meta was written, by the clock of the storage. */
  readonly writtenAt: Date
}

/** A block that holds a trace, with what it holds of it. */
export interface BlockOfTrace extends Block {
  readonly traceId: string
  readonly spans: readonly Span[]
}

/** What is needed of a bucket. */
type ReadableBucket = Pick<Bucket, 'name' | 'list' | 'get'>

export interface BlockSelection {
  /** Blocks written before this are passed over; a minute is allowed for clocks that differ. */
  readonly writtenSince?: Date
}

/** What a block that has been written once never changes: its data. */
interface BlockData {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
}

const metaNames = ['meta.json', 'meta.compacted.json']
const clockToleranceMs = 60_000
/** The trace ids of blocks with more traces are read again when they are needed. */
const rememberedTraces = 100_000
const together = 8
/** Data files up to this size are read whole, and the last few of them are kept. */
const smallBytes = 4 * 1024 * 1024
const keptSmall = 16
/** With more new blocks than this, one listing of everything is cheaper than one for each. */
const fewBlocks = 20

/**
 * Reads Tempo's blocks from the bytes in the bucket, without Tempo: `[prefix/]tenant/uuid/{meta.json, data.parquet, ...}`.
 * Blocks never change once they are written, so each is read once, and asking again costs one listing.
 */
export class TempoBlocks {
  readonly #bucket: ReadableBucket
  readonly #folder: string
  readonly #written = new Map<string, { meta: BlockMeta; writtenAt: Date; dataSize: number }>()
  readonly #rows = new Map<string, ReadonlyMap<string, readonly number[]>>()
  readonly #without = new Map<string, Set<string>>()
  readonly #small = new Map<string, ArrayBuffer>()
  readonly #footers = new Map<string, FileMetaData>()

  constructor(bucket: ReadableBucket, { prefix, tenant }: Pick<TempoSystem, 'prefix' | 'tenant'>) {
    this.#bucket = bucket
    this.#folder = [...prefix.split('/').filter(part => part !== ''), tenant, ''].join('/')
  }

  /** All blocks that are complete, compacted ones too. */
  async list(signal: AbortSignal, selection: BlockSelection = {}): Promise<Answer<Block[]>> {
    const started = performance.now()
    const { request, value } = await this.#bucket.list(this.#folder, signal)
    const blocks = await this.#describe(groupByBlock(this.#folder, value.objects), signal)
    return { request, elapsedMs: performance.now() - started, value: blocks.filter(block => since(block, selection)) }
  }

  /** Every block that holds spans of this trace, with these spans; compacted ones too. */
  async findTrace(
    traceId: string,
    signal: AbortSignal,
    selection: BlockSelection = {},
  ): Promise<Answer<BlockOfTrace[]>> {
    const started = performance.now()
    const { request, value } = await this.#bucket.list(this.#folder, signal, '/')
    const ids = value.folders.map(folder => folder.slice(this.#folder.length, -1))
    this.#forget(new Set(ids))
    const without = this.#without.get(traceId) ?? new Set()
    this.#without.set(traceId, without)
    const candidates = ids.filter(id => {
      const known = this.#written.get(id)
      const holds = this.#rows.get(id)?.has(traceId) ?? true
      return holds && !without.has(id) && (known === undefined || since(known, selection))
    })
    const found: BlockOfTrace[] = []
    for (const block of await this.#look(candidates, signal)) {
      if (!since(block, selection)) continue
      const spans = await this.#spansOf(block, traceId, signal)
      if (spans === undefined) without.add(block.id)
      else found.push({ ...block, traceId, spans })
    }
    const asked = `${request}/{meta.json, data.parquet} (${candidates.length} of ${ids.length} blocks)`
    return { request: asked, elapsedMs: performance.now() - started, value: found }
  }

  /** How many spans of each trace a block holds, by trace id. Undefined where it is gone. */
  async traceIds(blockId: string, signal: AbortSignal): Promise<Answer<Map<string, number> | undefined>> {
    const started = performance.now()
    const request = `GET ${this.#folder}${blockId}/data.parquet of bucket ${this.#bucket.name}`
    const [block] = await this.#look([blockId], signal)
    const value = block === undefined ? undefined : await this.#counts(block, signal)
    return { request, elapsedMs: performance.now() - started, value }
  }

  async #counts(block: Block, signal: AbortSignal): Promise<Map<string, number> | undefined> {
    return await this.#read(block, signal, async (data, { parquetReadObjects, compressors }) => {
      const rows = await parquetReadObjects({ ...data, compressors, utf8: false, columns: ['TraceID', 'ServiceStats'] })
      const counts = new Map<string, number>()
      for (const { TraceID, ServiceStats } of rows) {
        const id = traceIdOf(TraceID)
        counts.set(id, (counts.get(id) ?? 0) + spanCountOf(ServiceStats))
      }
      return counts
    })
  }

  /** The blocks of these ids that are complete, in their present state. */
  async #look(ids: readonly string[], signal: AbortSignal): Promise<Block[]> {
    if (ids.length > fewBlocks) {
      const { value } = await this.#bucket.list(this.#folder, signal)
      const wanted = new Set(ids)
      return await this.#describe(
        groupByBlock(this.#folder, value.objects).filter(([id]) => wanted.has(id)),
        signal,
      )
    }
    const listings = await Promise.all(ids.map(id => this.#bucket.list(`${this.#folder}${id}/`, signal)))
    const objects = listings.flatMap(({ value }) => value.objects)
    return await this.#describe(groupByBlock(this.#folder, objects), signal)
  }

  async #describe(groups: readonly BlockObjects[], signal: AbortSignal): Promise<Block[]> {
    const blocks: Block[] = []
    for (let at = 0; at < groups.length; at += together) {
      const described = groups.slice(at, at + together).map(group => this.#describeOne(group, signal))
      blocks.push(...(await Promise.all(described)).filter(block => block !== undefined))
    }
    return blocks
  }

  async #describeOne([id, objects]: BlockObjects, signal: AbortSignal): Promise<Block | undefined> {
    const names = objects.map(({ name }) => name)
    const meta = objects.find(({ name }) => metaNames.includes(name))
    const data = objects.find(({ name }) => name === 'data.parquet')
    if (meta === undefined) return undefined
    if (!this.#written.has(id)) {
      const key = `${this.#folder}${id}/${meta.name}`
      const { value } = await this.#bucket.get(key, signal)
      if (value === undefined) return undefined
      this.#written.set(id, { meta: parseBlockMeta(key, value), writtenAt: meta.modified, dataSize: data?.size ?? 0 })
    }
    const known = this.#written.get(id)
    if (known === undefined) return undefined
    const compacted = names.includes('meta.compacted.json')
    return { id, objects: names, compacted, meta: known.meta, writtenAt: known.writtenAt }
  }

  async #spansOf(block: Block, traceId: string, signal: AbortSignal): Promise<Span[] | undefined> {
    const rows = (await this.#rowsOf(block, signal))?.get(traceId) ?? []
    if (rows.length === 0) return undefined
    const spans: Span[] = []
    for (const row of rows) {
      const range = { rowStart: row, rowEnd: row + 1, useOffsetIndex: true }
      const found = await this.#read(block, signal, async (data, { parquetReadObjects, compressors }) => {
        const objects = await parquetReadObjects({ ...data, compressors, utf8: false, ...range })
        return objects.flatMap(object => spansOfRow(object, block.meta.dedicatedColumns))
      })
      spans.push(...(found ?? []))
    }
    return spans
  }

  /** The rows of each trace; more than one for a trace that the block holds twice. */
  async #rowsOf(block: Block, signal: AbortSignal): Promise<ReadonlyMap<string, readonly number[]> | undefined> {
    const known = this.#rows.get(block.id)
    if (known !== undefined) return known
    const ids = await this.#read(block, signal, async (data, { parquetReadObjects, compressors }) => {
      const objects = await parquetReadObjects({ ...data, compressors, utf8: false, columns: ['TraceID'] })
      return objects.map(({ TraceID }) => traceIdOf(TraceID))
    })
    if (ids === undefined) return undefined
    const rows = new Map<string, number[]>()
    for (const [row, id] of ids.entries()) {
      rows.set(id, [...(rows.get(id) ?? []), row])
    }
    if (block.meta.totalObjects <= rememberedTraces) this.#rows.set(block.id, rows)
    return rows
  }

  /** Reads a block's data; undefined where it was deleted meanwhile. */
  async #read<T>(
    block: Block,
    signal: AbortSignal,
    read: (data: BlockData, library: Parquet) => Promise<T>,
  ): Promise<T | undefined> {
    const key = `${this.#folder}${block.id}/data.parquet`
    if (block.meta.format !== 'vParquet4') {
      const message = `${key}: blocks of format ${block.meta.format} cannot be read here, only vParquet4`
      throw new RequestError(message, { whose: 'environment' })
    }
    const byteLength = this.#written.get(block.id)?.dataSize || block.meta.size
    const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
      const { value } = await this.#bucket.get(key, signal, { start, end })
      if (value === undefined) throw new BlockGone(key)
      return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer
    }
    const library = await loadParquet()
    let over = false
    try {
      const bytes = byteLength <= smallBytes ? await this.#whole(block.id, byteLength, slice) : { byteLength, slice }
      const file = endingWith(() => over, bytes)
      const metadata = this.#footers.get(block.id) ?? (await library.parquetMetadataAsync(file))
      this.#footers.set(block.id, metadata)
      return await read({ file, metadata }, library)
    } catch (cause) {
      over = true
      if (cause instanceof BlockGone) return undefined
      if (cause instanceof TransientError || cause instanceof RequestError) throw cause
      signal.throwIfAborted()
      if (isDefect(cause)) throw cause
      throw new RequestError(`${key} of bucket ${this.#bucket.name} cannot be read as a block`, {
        cause,
        whose: 'product',
      })
    }
  }

  /** A small file is fetched at once: a row of it is spread over more than a hundred columns. */
  async #whole(id: string, byteLength: number, slice: (start: number) => Promise<ArrayBuffer>): Promise<AsyncBuffer> {
    const bytes = this.#small.get(id) ?? (await slice(0))
    this.#small.delete(id)
    this.#small.set(id, bytes)
    for (const oldest of this.#small.keys()) {
      if (this.#small.size <= keptSmall) break
      this.#small.delete(oldest)
    }
    return { byteLength, slice: (start, end) => bytes.slice(start, end) }
  }

  /** What is remembered of blocks that are no more. */
  #forget(present: ReadonlySet<string>): void {
    for (const id of this.#written.keys()) {
      if (present.has(id)) continue
      this.#written.delete(id)
      this.#rows.delete(id)
      this.#footers.delete(id)
      this.#small.delete(id)
    }
  }
}

/**
 * A file that gives no more bytes once its reading is over. When the library fails before it has begun to wait for its
 * columns, it leaves them behind: they would fail too, one by one, with nobody to hear of it, which ends the process.
 */
function endingWith(isOver: () => boolean, { byteLength, slice }: AsyncBuffer): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end) {
      const bytes = await slice(start, end)
      await new Promise(resolve => setImmediate(resolve))
      return isOver() ? await new Promise(() => undefined) : bytes
    },
  }
}

function traceIdOf(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new SyntaxError('a row has no trace id')
  return Buffer.from(value).toString('hex')
}

/** The spans of all services of a trace. */
function spanCountOf(stats: unknown): number {
  return Object.values(serviceStats.parse(stats)).reduce((sum, { SpanCount }) => sum + SpanCount, 0)
}

const serviceStats = z.record(z.string(), z.object({ SpanCount: z.int() }))

class BlockGone extends Error {
  override readonly name = 'BlockGone'
}

type BlockObjects = readonly [id: string, objects: readonly { name: string; modified: Date; size: number }[]]

function groupByBlock(
  folder: string,
  objects: readonly { key: string; modified: Date; size: number }[],
): BlockObjects[] {
  const parts = objects.flatMap(({ key, modified, size }) => {
    const [id, name, ...deeper] = key.slice(folder.length).split('/')
    return id === undefined || name === undefined || deeper.length > 0 ? [] : [{ id, object: { name, modified, size } }]
  })
  return [...Map.groupBy(parts, ({ id }) => id)].map(([id, group]) => [id, group.map(({ object }) => object)] as const)
}

function since({ writtenAt }: { writtenAt: Date }, { writtenSince }: BlockSelection): boolean {
  return writtenSince === undefined || writtenAt.getTime() >= writtenSince.getTime() - clockToleranceMs
}

type Parquet = Awaited<ReturnType<typeof loadParquet>>

async function loadParquet() {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  return { parquetMetadataAsync, parquetReadObjects, compressors }
}
