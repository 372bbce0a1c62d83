import { Unmet } from '../errors.ts'
import { keyOf, type Sample, type Series } from '../metrics/series.ts'
import { seriesDifferences } from './series.ts'
import { firstFew } from './trace-differences.ts'

/** A block of samples as its objects in the bucket show it. */
export interface SeenMetricBlock {
  readonly id: string
  readonly compactionLevel: number
  /** The blocks that an ingester wrote and that are in it. */
  readonly sources: readonly string[]
  readonly objects: readonly string[]
  readonly marked: boolean
  readonly writtenAt: Date
}

export interface SeenBlockOfSeries extends SeenMetricBlock {
  readonly series: readonly Series[]
}

/**
 * Accepts blocks that hold these samples together, each unchanged, and no others of these series. Samples of one series
 * may lie in several blocks, and for a while both in a block and in the one that it was merged into.
 */
export const blocksHoldSeries =
  (sent: readonly Series[]) =>
  (blocks: readonly SeenBlockOfSeries[]): void => {
    if (sent.length === 0) throw new RangeError('no series at all proves nothing')
    const living = blocks.filter(({ marked }) => !marked)
    if (living.length === 0) {
      throw new Unmet(
        blocks.length === 0
          ? 'no block holds any of these series'
          : `they are only in blocks that are marked for deletion: ${blocks.map(({ id }) => id).join(', ')}`,
      )
    }
    const differences = seriesDifferences(sent, together(living))
    if (differences.length > 0) throw new Unmet(`in ${living.length} blocks: ${firstFew(differences)}`)
  }

/** Every sample of the blocks; what is the same in several of them counts once. */
function together(blocks: readonly SeenBlockOfSeries[]): Series[] {
  const found = new Map<string, { labels: Series['labels']; samples: Sample[] }>()
  for (const { labels, samples } of blocks.flatMap(({ series }) => series)) {
    const known = found.get(keyOf(labels)) ?? { labels, samples: [] }
    for (const sample of samples) {
      if (!known.samples.some(other => isSame(other, sample))) known.samples.push(sample)
    }
    found.set(keyOf(labels), known)
  }
  return [...found.values()]
}

function isSame(one: Sample, other: Sample): boolean {
  return one.timestampMs === other.timestampMs && Object.is(one.value, other.value)
}

/** Accepts blocks of which each has what belongs to it: meta.json, index, and at least one file of chunks. */
export const completeBlocks = (blocks: readonly SeenMetricBlock[]): void => {
  if (blocks.length === 0) throw new Unmet('there is no block')
  const faults = blocks.flatMap(({ id, objects }) => {
    const missing = ['meta.json', 'index'].filter(name => !objects.includes(name))
    if (!objects.some(name => /^chunks\/\d+$/.test(name))) missing.push('chunks')
    return missing.length === 0 ? [] : [`block ${id} has no ${missing.join(', no ')}; it has ${objects.join(', ')}`]
  })
  if (faults.length > 0) throw new Unmet(firstFew(faults, 3))
}

/** Accepts blocks that were all written since then, by the clock of the storage, for which a minute is allowed. */
export const writtenSince =
  (since: Date) =>
  (blocks: readonly SeenMetricBlock[]): void => {
    if (blocks.length === 0) throw new Unmet('there is no block')
    const older = blocks.find(({ writtenAt }) => writtenAt.getTime() < since.getTime() - 60_000)
    if (older !== undefined)
      throw new Unmet(
        `block ${older.id} was modified at ${older.writtenAt.toISOString()}, before ${since.toISOString()}`,
      )
  }

/** Blocks that were merged from at least two of these. */
export function mergedFrom<Block extends SeenMetricBlock>(
  sources: readonly string[],
  blocks: readonly Block[],
): Block[] {
  return blocks.filter(
    block => block.compactionLevel > 1 && block.sources.filter(source => sources.includes(source)).length >= 2,
  )
}

/** Accepts blocks of which one was merged from all of the sources and holds every sample of theirs. */
export const mergedWithAll =
  (sources: readonly string[], sent: readonly Series[]) =>
  (blocks: readonly SeenBlockOfSeries[]): void => {
    if (sources.length < 2) throw new RangeError('at least two blocks are needed to be merged')
    const merged = mergedFrom(sources, blocks)
    const [block] = merged
    if (block === undefined) {
      const levels = blocks.map(({ id, compactionLevel }) => `${id} (level ${compactionLevel})`)
      throw new Unmet(`no block was made of ${sources.join(' and ')}; there are ${levels.join(', ') || 'none'}`)
    }
    const differences = seriesDifferences(sent, together(merged))
    if (differences.length > 0) throw new Unmet(`block ${block.id}: ${firstFew(differences)}`)
  }

/** Accepts a list of blocks in which these are marked for deletion, or gone. */
export const retiredBlocks =
  (ids: readonly string[]) =>
  (blocks: readonly SeenMetricBlock[]): void => {
    if (ids.length === 0) throw new RangeError('no block is said to be retired')
    const living = blocks.filter(({ id, marked }) => ids.includes(id) && !marked)
    if (living.length > 0)
      throw new Unmet(`neither marked for deletion nor gone: ${living.map(({ id }) => id).join(', ')}`)
  }

/** Accepts an index of a bucket that tells of every one of these blocks. */
export const indexTellsOf =
  (ids: readonly string[]) =>
  (indexed: readonly string[]): void => {
    if (ids.length === 0) throw new Unmet('there is no block of which the index could tell')
    const missing = ids.filter(id => !indexed.includes(id))
    if (missing.length > 0) throw new Unmet(`the bucket's index does not tell of ${missing.join(', ')}`)
  }
