import { Given, Then, When } from '@cucumber/cucumber'
import { tenantFor } from '../support/drivers/mimir.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
import { type Moment, now, type Question } from '../support/eventually.ts'
import { bytesToldOf, noCopiesOf, useLessThan } from '../support/expectations/local-copies.ts'
import { hasLine } from '../support/expectations/log.ts'
import {
  blocksHoldSeries,
  completeBlocks,
  indexTellsOf,
  mergedFrom,
  mergedWithAll,
  retiredBlocks,
  type SeenBlockOfSeries,
  writtenSince,
} from '../support/expectations/metric-blocks.ts'
import { exactlyTheseSeries } from '../support/expectations/series.ts'
import { newMetricName, probeSeries } from '../support/metrics/probe-series.ts'
import { commonLabels, type Series } from '../support/metrics/series.ts'
import { learn, prepare } from '../support/prepare.ts'
import { inTurn } from '../support/questions.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { mimirBlocksOf, mimirOf, mimirSystem, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { storagePatienceMs } from './blocks.ts'
import { mimirConfiguration } from './configurations.ts'
import { type Acknowledged, acknowledged } from './sent.ts'
import { acknowledgedWrites, writesOf } from './series.ts'
import { samplesOf, type Write, write } from './writes.ts'

const minuteMs = 60_000
const queryPatienceMs = 10_000
/** How often Mimir's queries look whether the index of a bucket is another by now (bucketindex/loader.go). */
const indexCheckMs = minuteMs
/** How far back the samples of a probe lie that must come from a block. */
const marginMs = minuteMs

/** Blocks of the bucket, and those of which the bucket's index tells. */
interface Indexed {
  readonly ids: readonly string[]
  readonly indexed: readonly string[]
}

/** The blocks in the bucket that hold series of a write, as a question. */
export function blocksWithSeries(run: Run, { series, tenant }: Pick<Write, 'series' | 'tenant'>) {
  if (series.length === 0) throw new Undetermined('there is no series to look for', 'harness')
  const labels = commonLabels(series)
  return (signal: AbortSignal) => mimirBlocksOf(run).withSeries(tenant, labels, signal)
}

/** Has Mimir write what it holds of a tenant: by itself it may take hours. */
async function flush(run: Run, tenant: string): Promise<void> {
  await learn(run, 'whether Mimir was told to flush', signal => mimirOf(run).flush(tenant, signal))
}

/** Waits until samples are in the bucket, for scenarios that begin there. */
export async function awaitSamplesStored(run: Run, written: Acknowledged<Write>) {
  await flush(run, written.tenant)
  const question = { ask: blocksWithSeries(run, written), expect: blocksHoldSeries(written.series) }
  return await prepare(run, 'acknowledged samples do not reach the bucket', question, {
    since: written.acknowledgedAt,
    deadlineMs: storagePatienceMs,
  })
}

const flushOf = scenarioState<AcceptanceWorld, { at?: Moment }>(() => ({}))

/** From the flush on, as long as storage may take. */
function sinceFlush(world: AcceptanceWorld) {
  return { since: flushOf(world).at, after: 'the flush', patienceMs: storagePatienceMs }
}

When('Mimir is told to flush', async function (this: AcceptanceWorld) {
  flushOf(this).at = now()
  await flush(this.run, acknowledgedWrites(this)[0].tenant)
})

Given(
  '{int} acknowledged series whose samples are older than what ingesters are asked for',
  async function (this: AcceptanceWorld, series: number) {
    const { queryIngestersWithinMs, outOfOrderWindowMs } = await mimirConfiguration(this.run)
    const ageMs = queryIngestersWithinMs + marginMs
    // The first samples of a tenant may be of any time, but other samples of a shared one would be in the way.
    if (queryIngestersWithinMs === 0 || (!mimirSystem(this.run).multiTenant && outOfOrderWindowMs < ageMs)) {
      throw new NotApplicable('Mimir takes no samples that are so old that it would ask its blocks alone for them')
    }
    const probe = probeSeries({ ...this.probe, series, samples: 3, lastMs: Date.now() - ageMs })
    writesOf(this).writes.push(await write(this.run, this.probe, probe))
    acknowledgedWrites(this)
  },
)

Then(
  'the bytes of the blocks in the bucket hold every one of these samples, and Mimir answers from them alone',
  async function (this: AcceptanceWorld) {
    const [written] = acknowledgedWrites(this)
    const { syncMs, cleanupMs, indexRetryMs } = await mimirConfiguration(this.run)
    const blocks = blocksWithSeries(this.run, written)
    const isIndexed = async (signal: AbortSignal) => {
      const ids = (await blocks(signal)).value.filter(({ marked }) => !marked).map(({ id }) => id)
      const answer = await mimirBlocksOf(this.run).indexed(written.tenant, signal)
      return { ...answer, value: { ids, indexed: answer.value } }
    }
    await this.eventuallySeenByTwo(
      sinceFlush(this),
      { ask: blocks, expect: blocksHoldSeries(written.series) },
      // A query that comes before the index tells of the block is answered from the old one for the next minute.
      inTurn<unknown>([
        { ask: isIndexed, expect: ({ ids, indexed }) => indexTellsOf(ids)(indexed) } satisfies Question<Indexed>,
        { ask: samplesOf(this.run, written), expect: exactlyTheseSeries(written.series) },
      ]),
      2 * (syncMs + cleanupMs) + indexRetryMs + indexCheckMs + queryPatienceMs,
    )
  },
)

/** Awaits that the blocks of the bucket hold the samples since the flush, and are as expected. */
async function flushed(
  world: AcceptanceWorld,
  written: Acknowledged<Write>,
  expect: (blocks: readonly SeenBlockOfSeries[]) => void,
): Promise<void> {
  await world.eventually(sinceFlush(world), {
    ask: blocksWithSeries(world.run, written),
    expect: blocks => {
      blocksHoldSeries(written.series)(blocks)
      expect(blocks)
    },
  })
}

Then('each of these blocks has its meta.json, its index and its chunks', async function (this: AcceptanceWorld) {
  await flushed(this, acknowledgedWrites(this)[0], completeBlocks)
})

Then('each of these blocks was modified since the samples were sent', async function (this: AcceptanceWorld) {
  const [written] = acknowledgedWrites(this)
  await flushed(this, written, writtenSince(written.acknowledgedAt.wallTime))
})

/** Blocks as ingesters wrote them, with what was written to them, and what they were merged into. */
interface Merge {
  sources: string[]
  series: Series[]
  tenant: string
  since?: Moment
  merged: string[]
}
const mergeOf = scenarioState<AcceptanceWorld, Merge>(() => ({ sources: [], series: [], tenant: '', merged: [] }))

Given('acknowledged samples in {int} blocks of the bucket', async function (this: AcceptanceWorld, count: number) {
  const state = mergeOf(this)
  const { blockRangeMs } = await mimirConfiguration(this.run)
  state.tenant = tenantFor(mimirSystem(this.run), this.probe)
  // All of them lie in one range of time, so that the compactor puts them together at once; the range is over.
  const range = Math.min(blockRangeMs, minuteMs)
  const begin = Math.floor((Date.now() - 2 * range) / blockRangeMs) * blockRangeMs
  const metric = newMetricName()
  for (let index = 0; index < count; index += 1) {
    const lastMs = begin + Math.floor(((index + 1) * range) / (count + 1))
    const [probe] = probeSeries({ ...this.probe, metric, samples: 2, intervalMs: 100, lastMs })
    if (probe === undefined) throw new Undetermined('a probe has a series', 'harness')
    const series = [{ ...probe, labels: { ...probe.labels, part: String(index) } }]
    const written = acknowledged(await write(this.run, this.probe, series))
    const { value } = await awaitSamplesStored(this.run, written)
    state.series.push(...series)
    // They may be merged already: what a block was made of stands in its meta.json.
    for (const source of value.flatMap(({ sources }) => sources)) {
      if (!state.sources.includes(source)) state.sources.push(source)
    }
  }
  state.since = now()
  if (state.sources.length < 2)
    throw new Undetermined(`the samples came to lie in ${state.sources.length} blocks only`, 'environment')
})

/** All blocks that hold the scenario's metric. */
function blocksOfMerge(world: AcceptanceWorld) {
  const { series, tenant } = mergeOf(world)
  return blocksWithSeries(world.run, { series, tenant })
}

/** How long a merge is awaited: the documents give no deadline, so it is Mimir's own times and some more. */
async function mergePatienceMs(run: Run): Promise<number> {
  const { compactionMs, firstCompactionWaitMs, cleanupMs } = await mimirConfiguration(run)
  return 2 * (compactionMs + cleanupMs) + firstCompactionWaitMs + storagePatienceMs
}

Then(
  'a block of the bucket is made of at least two of them, with every sample of theirs',
  async function (this: AcceptanceWorld) {
    const { since, sources, series } = mergeOf(this)
    await this.eventually(
      { since, after: 'the last of the blocks was written', patienceMs: await mergePatienceMs(this.run) },
      { ask: blocksOfMerge(this), expect: mergedWithAll(sources, series) },
    )
  },
)

Given('they have been merged', async function (this: AcceptanceWorld) {
  const state = mergeOf(this)
  const question = { ask: blocksOfMerge(this), expect: mergedWithAll(state.sources, state.series) }
  const { value } = await prepare(this.run, 'blocks of one range of time are not merged', question, {
    deadlineMs: await mergePatienceMs(this.run),
  })
  state.merged = mergedFrom(state.sources, value).map(({ id }) => id)
})

Then('the blocks that were merged are marked for deletion, or gone', async function (this: AcceptanceWorld) {
  const { tenant, sources, merged: made } = mergeOf(this)
  if (made.length === 0) throw new Undetermined('nothing was merged', 'harness')
  await this.eventually(
    { after: 'the merge', patienceMs: await mergePatienceMs(this.run) },
    { ask: signal => mimirBlocksOf(this.run).list(tenant, signal), expect: retiredBlocks(sources) },
  )
})

Then(
  "Mimir's log tells of the compacted blocks and of a compaction that succeeded",
  async function (this: AcceptanceWorld) {
    const { merged: made, tenant } = mergeOf(this)
    const [id] = made
    if (id === undefined) throw new Undetermined('nothing was merged', 'harness')
    const workload = workloadOf(this.run, 'mimir')
    await this.eventually(
      { after: 'the merge' },
      {
        ask: signal => workload.log(this.begunAt, signal),
        expect: lines => {
          hasLine(new RegExp(`msg="compacted blocks".*${id}`))(lines)
          hasLine(
            new RegExp(`(${tenant}.*msg="compaction job succeeded")|(msg="compaction job succeeded".*${tenant})`),
          )(lines)
        },
      },
    )
  },
)

/** What was merged, and how many bytes of it lay on the compactor's disk meanwhile. @throws Undetermined where the log tells of none */
async function copiesOfMerge(
  world: AcceptanceWorld,
): Promise<{ readonly ids: readonly string[]; readonly bytes: number }> {
  const { merged: made, sources } = mergeOf(world)
  if (made.length === 0) throw new Undetermined('nothing was merged', 'harness')
  const workload = workloadOf(world.run, 'mimir')
  const { value } = await prepare(world.run, 'no local copy of what was merged is known', {
    ask: signal => workload.log(world.begunAt, signal),
    expect: lines => void bytesToldOf(sources, lines),
  })
  return { ids: [...sources, ...made], bytes: bytesToldOf(sources, value) }
}

/** The files in the compactor's folder, as a question. @throws NotApplicable where nobody sees them */
async function compactorFiles({ run }: AcceptanceWorld) {
  const workload = workloadOf(run, 'mimir')
  const { compactorFolder } = await mimirConfiguration(run)
  const files = workload.files?.bind(workload)
  if (files === undefined) throw new NotApplicable(`the files of ${workload.name} cannot be seen from here`)
  return (signal: AbortSignal) => files(compactorFolder, signal)
}

Then('the compactor holds no local copy of them, of which its log told', async function (this: AcceptanceWorld) {
  const ask = await compactorFiles(this)
  const { ids } = await copiesOfMerge(this)
  await this.eventually({ after: 'the merge' }, { ask, expect: noCopiesOf(ids) })
})

Then("they use less of the compactor's disk than its log told", async function (this: AcceptanceWorld) {
  const ask = await compactorFiles(this)
  const { ids, bytes } = await copiesOfMerge(this)
  await this.eventually({ after: 'the merge' }, { ask, expect: useLessThan(bytes, ids) })
})
