import { Unmet } from '../errors.ts'
import type { Span, Trace } from '../traces/trace.ts'
import { firstFew, traceDifferences } from './trace-differences.ts'

/** A block as its objects in the bucket show it. */
export interface SeenBlock {
  readonly id: string
  readonly meta: { readonly tenant: string; readonly compactionLevel: number; readonly bloomShards: number }
  readonly objects: readonly string[]
  readonly compacted: boolean
}

export interface SeenBlockOfTrace extends SeenBlock {
  readonly traceId: string
  readonly spans: readonly Span[]
}

const sides = { expected: 'sent', actual: 'in the block' }

/** Accepts blocks of which one that is not compacted away holds the whole trace: each span once, unchanged, no other. */
export const oneBlockHolds =
  (sent: Trace) =>
  (blocks: readonly SeenBlockOfTrace[]): void => {
    const living = livingBlocks(sent, blocks)
    const findings = living.map(block => ({ block, differences: traceDifferences(sent, block, sides) }))
    if (findings.some(({ differences }) => differences.length === 0)) return
    const told = findings.map(({ block, differences }) => `block ${block.id}: ${firstFew(differences, 3)}`)
    throw new Unmet(firstFew(told, 3))
  }

/**
 * Accepts blocks that hold the whole trace together: a trace that came in parts may lie in several blocks, and replicas
 * keep copies in different blocks until these are compacted. No block may hold a span twice.
 */
export const blocksHold =
  (sent: Trace) =>
  (blocks: readonly SeenBlockOfTrace[]): void => {
    const living = livingBlocks(sent, blocks)
    const doubled = living.flatMap(block => {
      const ids = block.spans.map(span => span.spanId)
      return ids.length === new Set(ids).size
        ? []
        : [`block ${block.id} holds ${ids.length} spans, of which ${new Set(ids).size} differ`]
    })
    const copies = [
      ...Map.groupBy(
        living.flatMap(block => block.spans),
        span => span.spanId,
      ).values(),
    ]
    // Copies that differ from the first are kept, so that they are told as doubled and different.
    const spans = copies.flatMap(([first, ...others]) =>
      first === undefined ? [] : [first, ...others.filter(other => differs(sent.traceId, first, other))],
    )
    const differences = [
      ...doubled,
      ...traceDifferences(sent, { traceId: sent.traceId, spans }, { ...sides, actual: 'in the blocks' }),
    ]
    if (differences.length > 0) throw new Unmet(`in ${living.length} blocks: ${firstFew(differences)}`)
  }

function differs(traceId: string, one: Span, other: Span): boolean {
  return traceDifferences({ traceId, spans: [one] }, { traceId, spans: [other] }, sides).length > 0
}

function livingBlocks(sent: Trace, blocks: readonly SeenBlockOfTrace[]): SeenBlockOfTrace[] {
  if (sent.spans.length === 0) throw new RangeError('a trace without spans proves nothing')
  const living = blocks.filter(block => !block.compacted)
  if (living.length > 0) return living
  throw new Unmet(
    blocks.length === 0
      ? `no block holds trace ${sent.traceId}`
      : `trace ${sent.traceId} is only in blocks that are marked as compacted: ${blocks.map(({ id }) => id).join(', ')}`,
  )
}

/** Accepts blocks of which one is of this tenant and has all that belongs to a block: data, index, bloom filter, meta. */
export const completeBlock =
  (tenant: string) =>
  (blocks: readonly SeenBlock[]): void => {
    if (blocks.length === 0) throw new Unmet('no block holds the trace')
    const faults = blocks.map(block => blockFaults(block, tenant))
    if (faults.every(found => found.length > 0)) throw new Unmet(faults.flat().join('\n'))
  }

function blockFaults({ id, meta, objects }: SeenBlock, tenant: string): string[] {
  const blooms = Array.from({ length: Math.max(1, meta.bloomShards) }, (_, shard) => `bloom-${shard}`)
  const missing = ['meta.json', 'data.parquet', 'index', ...blooms].filter(name => !objects.includes(name))
  return [
    ...(meta.tenant === tenant ? [] : [`block ${id} is of tenant ${meta.tenant}, not ${tenant}`]),
    ...(missing.length === 0 ? [] : [`block ${id} has no ${missing.join(', no ')}; it has ${objects.join(', ')}`]),
  ]
}

/** What a block held, by trace id, with the number of its spans. */
export interface BlockContents {
  readonly id: string
  readonly traces: ReadonlyMap<string, number>
}

export interface SurveyedBlock extends SeenBlock {
  readonly traces: ReadonlyMap<string, number>
}

/**
 * The sources that one block of compaction level 1 or higher holds with every trace and at least as many spans; of the
 * block that holds most of them.
 */
export function mergedSources(sources: readonly BlockContents[], survey: readonly SurveyedBlock[]): string[] {
  const sourceIds = new Set(sources.map(({ id }) => id))
  const perBlock = survey
    .filter(block => block.meta.compactionLevel >= 1 && !sourceIds.has(block.id))
    .map(block => sources.filter(source => holdsAll(block, source)).map(({ id }) => id))
  return perBlock.reduce((most, ids) => (ids.length > most.length ? ids : most), [])
}

function holdsAll(block: BlockContents, source: BlockContents): boolean {
  return source.traces.size > 0 && [...source.traces].every(([id, spans]) => (block.traces.get(id) ?? 0) >= spans)
}

/** Accepts a survey in which one compacted block holds every trace of at least two of the sources. */
export const mergedIntoOne =
  (sources: readonly BlockContents[]) =>
  (survey: readonly SurveyedBlock[]): void => {
    if (sources.length < 2) throw new RangeError('at least two blocks are needed to be merged')
    const merged = mergedSources(sources, survey)
    if (merged.length >= 2) return
    const levels = survey.filter(({ meta }) => meta.compactionLevel >= 1)
    const told = levels.map(({ id, meta, traces }) => `${id} (level ${meta.compactionLevel}, ${traces.size} traces)`)
    const there =
      levels.length === 0
        ? 'no block of compaction level 1 or higher is there'
        : `compacted blocks: ${told.slice(0, 3).join(', ')}`
    throw new Unmet(`${merged.length} of ${sources.length} blocks were merged into one; ${there}`)
  }

/** Accepts a list of blocks in which these are marked as compacted, or are gone. */
export const retired =
  (ids: readonly string[]) =>
  (blocks: readonly SeenBlock[]): void => {
    if (ids.length === 0) throw new RangeError('no block is said to be retired')
    const living = blocks.filter(({ id, compacted }) => ids.includes(id) && !compacted)
    if (living.length > 0)
      throw new Unmet(`neither marked as compacted nor gone: ${living.map(({ id }) => id).join(', ')}`)
  }
