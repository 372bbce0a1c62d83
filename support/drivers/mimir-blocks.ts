import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { isDefect, NotApplicable, RequestError } from '../errors.ts'
import type { Series } from '../metrics/series.ts'
import type { Answer } from './answer.ts'
import type { Bucket } from './object-storage.ts'
import { dumpBlock } from './promtool.ts'

const metaSchema = z.object({
  ulid: z.string(),
  minTime: z.int(),
  maxTime: z.int(),
  // Older blocks tell of samples alone (Prometheus, tsdb/block.go).
  stats: z.object({
    numSamples: z.int().default(0),
    numFloatSamples: z.int().optional(),
    numHistogramSamples: z.int().default(0),
  }),
  compaction: z.object({ level: z.int(), sources: z.array(z.string()).default([]) }),
})

const indexSchema = z.object({ blocks: z.array(z.object({ block_id: z.string() })) })

/** A block as its objects in the bucket show it (Prometheus, tsdb/docs/format; Mimir documentation, "Bucket index"). */
export interface MimirBlock {
  /** A ULID. */
  readonly id: string
  /** The half-open range of its samples, in milliseconds since the Unix epoch. */
  readonly minMs: number
  readonly maxMs: number
  /** 1 as an ingester wrote it. */
  readonly compactionLevel: number
  /** The blocks of level 1 that it was made of; itself where nothing was merged. */
  readonly sources: readonly string[]
  /** Names below its folder: `meta.json`, `index`, `chunks/000001`. */
  readonly objects: readonly string[]
  /** Its samples are in another block by now; it is only kept until nobody reads it any more. */
  readonly marked: boolean
  /** When its meta.json was written, by the clock of the storage. */
  readonly writtenAt: Date
  /** What its meta.json counts. */
  readonly stats: z.infer<typeof metaSchema>['stats']
}

export interface MimirBlockWithSeries extends MimirBlock {
  readonly series: readonly Series[]
}

/** What is needed of a bucket. */
type ReadableBucket = Pick<Bucket, 'name' | 'list' | 'get'>

const ulid = /^[0-9A-HJKMNP-TV-Z]{26}$/
const metaName = 'meta.json'
const indexName = 'bucket-index.json.gz'
const deletionMark = 'deletion-mark.json'
/** Larger blocks are other people's: a probe's own tenant has a few samples. */
const largestBytes = 256 * 2 ** 20

/**
 * Reads Mimir's blocks from the bytes in the bucket, without Mimir: `[prefix/]tenant/ULID/{meta.json, index, chunks/...}`.
 * Blocks never change once they are written, so each is read once, and asking again costs one listing.
 */
export class MimirBlocks {
  readonly #bucket: ReadableBucket
  readonly #prefix: string
  readonly #metas = new Map<string, z.infer<typeof metaSchema>>()
  readonly #series = new Map<string, readonly Series[]>()

  constructor(bucket: ReadableBucket, prefix: string) {
    this.#bucket = bucket
    this.#prefix = prefix.replace(/^\/|\/$/g, '')
  }

  /** The folder of a tenant, with a slash at its end. */
  folderOf(tenant: string): string {
    return `${this.#prefix === '' ? '' : `${this.#prefix}/`}${tenant}/`
  }

  /** All blocks of a tenant that are complete, marked ones too. */
  async list(tenant: string, signal: AbortSignal): Promise<Answer<MimirBlock[]>> {
    const started = performance.now()
    const folder = this.folderOf(tenant)
    const { request, value } = await this.#bucket.list(folder, signal)
    const objects = Map.groupBy(value.objects, ({ key }) => key.slice(folder.length).split('/')[0] ?? '')
    const blocks: MimirBlock[] = []
    for (const [id, own] of objects) {
      const meta = own.find(({ key }) => key === `${folder}${id}/${metaName}`)
      if (!ulid.test(id) || meta === undefined) continue
      const known = await this.#meta(`${folder}${id}/`, signal)
      if (known === undefined) continue
      const names = own.map(({ key }) => key.slice(`${folder}${id}/`.length))
      blocks.push({
        id,
        minMs: known.minTime,
        maxMs: known.maxTime,
        compactionLevel: known.compaction.level,
        sources: known.compaction.sources,
        objects: names,
        marked: names.includes(deletionMark),
        writtenAt: meta.modified,
        stats: known.stats,
      })
    }
    return { request, elapsedMs: performance.now() - started, value: blocks }
  }

  /** The ids of the blocks of which a tenant's index of the bucket tells; it tells queries where to look. */
  async indexed(tenant: string, signal: AbortSignal): Promise<Answer<string[]>> {
    const key = `${this.folderOf(tenant)}${indexName}`
    const answer = await this.#bucket.get(key, signal)
    // There is none before the compactor has found the first block.
    const { value: gzip } = answer
    if (gzip === undefined) return { ...answer, value: [] }
    const { blocks } = read(indexSchema, key, "the index of a tenant's blocks", () => gunzipSync(gzip))
    return { ...answer, value: blocks.map(({ block_id: id }) => id) }
  }

  /** All blocks of a tenant, with every series in them whose labels are these (and maybe more). */
  async withSeries(
    tenant: string,
    labels: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Answer<MimirBlockWithSeries[]>> {
    const started = performance.now()
    const { request, value } = await this.list(tenant, signal)
    const found: MimirBlockWithSeries[] = []
    for (const block of value) {
      const all = await this.#seriesOf(tenant, block, signal)
      const series = (all ?? []).filter(each =>
        Object.entries(labels).every(([name, value]) => each.labels[name] === value),
      )
      if (series.length > 0) found.push({ ...block, series })
    }
    const asked = `${request}/{meta.json, index, chunks} (${value.length} blocks)`
    return { request: asked, elapsedMs: performance.now() - started, value: found }
  }

  async #meta(folder: string, signal: AbortSignal): Promise<z.infer<typeof metaSchema> | undefined> {
    const known = this.#metas.get(folder)
    if (known !== undefined) return known
    const { value: bytes } = await this.#bucket.get(`${folder}${metaName}`, signal)
    // Gone since it was listed.
    if (bytes === undefined) return undefined
    const meta = read(metaSchema, `${folder}${metaName}`, 'the meta.json of a block', () => bytes)
    this.#metas.set(folder, meta)
    return meta
  }

  /** Undefined where the block is gone. */
  async #seriesOf(tenant: string, block: MimirBlock, signal: AbortSignal): Promise<readonly Series[] | undefined> {
    const folder = `${this.folderOf(tenant)}${block.id}/`
    const known = this.#series.get(folder)
    if (known !== undefined) return known
    const listed = await this.#bucket.list(folder, signal)
    const wanted = listed.value.objects.filter(({ key }) => /\/(meta\.json|index|chunks\/\d+)$/.test(key))
    const size = wanted.reduce((sum, object) => sum + object.size, 0)
    if (size > largestBytes) {
      throw new NotApplicable(`block ${block.id} has ${Math.round(size / 2 ** 20)} MiB, too much to be read as a whole`)
    }
    const objects = []
    for (const { key } of wanted) {
      const { value: bytes } = await this.#bucket.get(key, signal)
      if (bytes === undefined) return undefined
      objects.push({ name: key.slice(folder.length), bytes })
    }
    const series = await dumpBlock(block.id, objects, signal)
    // It passes over what it cannot decode.
    const { numSamples, numHistogramSamples, numFloatSamples = numSamples - numHistogramSamples } = block.stats
    const read = series.reduce((sum, { samples }) => sum + samples.length, 0)
    if (read !== numFloatSamples) {
      const message = `block ${block.id} cannot be decoded as a whole: of the ${numFloatSamples} samples that its meta.json tells of, promtool reads ${read}`
      throw new RequestError(message, { whose: 'product' })
    }
    this.#series.set(folder, series)
    return series
  }
}

/** @throws RequestError where the object is not what it should be */
function read<T extends z.ZodType>(schema: T, key: string, what: string, json: () => Buffer): z.infer<T> {
  try {
    return schema.parse(JSON.parse(json().toString('utf8')))
  } catch (cause) {
    if (isDefect(cause)) throw cause
    throw new RequestError(`${key} is not ${what}`, { cause, whose: 'product' })
  }
}
