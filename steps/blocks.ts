import { Given, Then, When } from '@cucumber/cucumber'
import { Undetermined } from '../support/errors.ts'
import { now } from '../support/eventually.ts'
import {
  type BlockContents,
  blocksHold,
  completeBlock,
  mergedIntoOne,
  mergedSources,
  oneBlockHolds,
  retired,
  type SurveyedBlock,
} from '../support/expectations/blocks.ts'
import { wholeTrace } from '../support/expectations/traces.ts'
import { learn, prepare } from '../support/prepare.ts'
import { inTurn } from '../support/questions.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { blocksOf, tempoOf, tempoSystem } from '../support/systems.ts'
import { simpleTrace } from '../support/traces/simple-trace.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type AcknowledgedPush, push } from './pushes.ts'
import { acknowledged } from './sent.ts'
import { acknowledgedTraces } from './traces.ts'

/** How long the documents give a trace to reach the bucket; the patience of what has no deadline of its own. */
export const storagePatienceMs = 10 * 60_000
const queryPatienceMs = 10_000
const mostAttempts = 10
const firstArrivalMs = 2_000
const longestArrivalMs = 5 * 60_000

/** The blocks in the bucket that hold a trace, as a question. */
export function blocksWith(run: Run, { trace, acknowledgedAt }: AcknowledgedPush) {
  return (signal: AbortSignal) =>
    blocksOf(run).findTrace(trace.traceId, signal, { writtenSince: acknowledgedAt.wallTime })
}

/** Waits until a trace is in the bucket, for scenarios that begin there. */
export async function awaitStored(run: Run, sent: AcknowledgedPush, deadlineMs: number = storagePatienceMs) {
  const question = { ask: blocksWith(run, sent), expect: oneBlockHolds(sent.trace) }
  return await prepare(run, 'an acknowledged trace does not reach the bucket', question, {
    since: sent.acknowledgedAt,
    deadlineMs,
  })
}

async function bytesOfOneBlock(world: AcceptanceWorld, deadlineMs?: number): Promise<void> {
  const [sent] = acknowledgedTraces(world)
  await world.eventually(
    { deadlineMs, since: sent.acknowledgedAt, after: 'the acknowledgement', patienceMs: storagePatienceMs },
    { ask: blocksWith(world.run, sent), expect: oneBlockHolds(sent.trace) },
  )
}

Then(
  'the bytes of one block in the bucket hold the whole trace within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    await bytesOfOneBlock(this, deadlineMs)
  },
)

Then('the bytes of one block in the bucket hold the whole trace', async function (this: AcceptanceWorld) {
  await bytesOfOneBlock(this)
})

Then(
  "the bytes of one block in the bucket hold the whole trace within {duration}, and Tempo's blocks alone answer for it",
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const [sent] = acknowledgedTraces(this)
    const tempo = tempoOf(this.run)
    const configuration = await learn(this.run, "Tempo's configuration", signal => tempo.configuration(signal))
    await this.eventuallySeenByTwo(
      { deadlineMs, since: sent.acknowledgedAt, after: 'the acknowledgement' },
      { ask: blocksWith(this.run, sent), expect: oneBlockHolds(sent.trace) },
      { ask: signal => tempo.traceFromBlocks(sent.trace.traceId, signal), expect: wholeTrace(sent.trace) },
      // Tempo's query sees a block only when it has next looked into the bucket.
      2 * configuration.blocklistPollMs + queryPatienceMs,
    )
  },
)

Then(
  'the bytes of the blocks in the bucket hold each whole trace within {duration}',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const sent = acknowledgedTraces(this)
    const [{ acknowledgedAt }] = sent
    await this.eventually(
      { deadlineMs, since: acknowledgedAt, after: 'the first acknowledgement' },
      inTurn(sent.map(one => ({ ask: blocksWith(this.run, one), expect: blocksHold(one.trace) }))),
    )
  },
)

Then(
  'a block under the configured bucket and tenant holds it, with its index and its bloom filter',
  async function (this: AcceptanceWorld) {
    const [sent] = acknowledgedTraces(this)
    const { tenant } = tempoSystem(this.run)
    await this.eventually(
      { since: sent.acknowledgedAt, after: 'the acknowledgement', patienceMs: storagePatienceMs },
      {
        ask: blocksWith(this.run, sent),
        expect: blocks => {
          oneBlockHolds(sent.trace)(blocks)
          completeBlock(tenant)(blocks)
        },
      },
    )
  },
)

interface Merge {
  /** Blocks as an ingester wrote them, with what they held, before they are compacted. */
  sources: BlockContents[]
  /** Ids of those that came to lie in one block. */
  merged: string[]
  /** Sends a further trace, where it is time for one. */
  arrival: () => Promise<void>
}

const mergeOf = scenarioState<AcceptanceWorld, Merge>(() => ({
  sources: [],
  merged: [],
  arrival: async () => undefined,
}))

Given('acknowledged traces in {int} blocks of the bucket', async function (this: AcceptanceWorld, count: number) {
  const { sources } = mergeOf(this)
  const tempo = tempoOf(this.run)
  const configuration = await learn(this.run, "Tempo's configuration", signal => tempo.configuration(signal))
  const deadlineMs = 2 * configuration.maxBlockDurationMs + storagePatienceMs
  for (let attempt = 0; sources.length < count && attempt < mostAttempts; attempt += 1) {
    const sent = acknowledged(await push(this.run, simpleTrace(this.probe), 'gRPC'))
    const { value } = await awaitStored(this.run, sent, deadlineMs)
    for (const { id, meta } of value) {
      if (meta.compactionLevel > 0 || sources.some(source => source.id === id)) continue
      const traces = await learn(this.run, 'what a block holds', signal => blocksOf(this.run).traceIds(id, signal))
      if (traces !== undefined) sources.push({ id, traces })
    }
  }
  if (sources.length < count)
    throw new Undetermined(`${mostAttempts} traces came to lie in ${sources.length} blocks only`, 'environment')
})

/**
 * Tempo merges blocks of the same compaction level: where nothing else is written, one of each level stays as it is until
 * a new block joins it. Further traces come ever more rarely, so that the wait of hours costs a few dozen of them.
 */
When('further traces arrive now and then', function (this: AcceptanceWorld) {
  let pauseMs = firstArrivalMs
  let lastMs = performance.now()
  mergeOf(this).arrival = async () => {
    if (performance.now() - lastMs < pauseMs) return
    lastMs = performance.now()
    pauseMs = Math.min(longestArrivalMs, 1.5 * pauseMs)
    await push(this.run, simpleTrace(this.probe), 'gRPC')
  }
})

Then(
  'within {duration} a block of compaction level 1 or higher holds every trace of at least 2 of them',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const state = mergeOf(this)
    const since = now()
    const look = survey(this)
    const ask: typeof look = async signal => {
      await state.arrival()
      return await look(signal)
    }
    const { value } = await this.eventually(
      { deadlineMs, since, after: 'the last of the blocks was written' },
      { ask, expect: mergedIntoOne(state.sources) },
    )
    state.merged = mergedSources(state.sources, value)
  },
)

/** The blocks that were written since the scenario began, with what each holds; a block is read once. */
function survey(world: AcceptanceWorld) {
  const blocks = blocksOf(world.run)
  const contents = new Map<string, ReadonlyMap<string, number>>()
  return async (signal: AbortSignal) => {
    const listing = await blocks.list(signal, { writtenSince: world.begunAt })
    const surveyed: SurveyedBlock[] = []
    for (const block of listing.value) {
      const traces = contents.get(block.id) ?? (await blocks.traceIds(block.id, signal)).value
      if (traces === undefined) continue
      contents.set(block.id, traces)
      surveyed.push({ ...block, traces })
    }
    return { ...listing, value: surveyed }
  }
}

Then('these blocks are marked as compacted, or gone', async function (this: AcceptanceWorld) {
  const { merged } = mergeOf(this)
  await this.eventually(
    { after: 'the merge' },
    { ask: signal => blocksOf(this.run).list(signal), expect: retired(merged) },
  )
})
