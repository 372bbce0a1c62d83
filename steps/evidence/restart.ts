import { randomBytes } from 'node:crypto'
import type { WorkloadStatus } from '../../support/drivers/workload.ts'
import { Undetermined } from '../../support/errors.ts'
import { elapse, type Moment, NotSeen, now } from '../../support/eventually.ts'
import { wholeTrace } from '../../support/expectations/traces.ts'
import { replacedAndReady } from '../../support/expectations/workloads.ts'
import { prepare, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { tempoOf, workloadOf } from '../../support/systems.ts'
import { simpleTrace } from '../../support/traces/simple-trace.ts'
import type { Trace } from '../../support/traces/trace.ts'
import { awaitStored } from '../blocks.ts'
import { type Acknowledged, acknowledged, type Push, push } from '../pushes.ts'
import { onceInRun } from './once.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import type { Waited } from './waited.ts'

/** How long a workload is given to come back; the requirements' own deadline is judged by the steps. */
const longestAbsenceMs = 10 * 60_000
/** Writer and reader go on this long before the restart and after it. */
const settledTrafficMs = 1_000

/** What a restart showed. Times are milliseconds from the restart on. */
export interface Restart {
  readonly at: Moment
  readonly flushed: readonly Acknowledged[]
  readonly unflushed: readonly Acknowledged[]
  /** By trace id, what Tempo answered before. */
  readonly before: ReadonlyMap<string, Trace>
  /** Whether another instance became ready. */
  readonly ready: Waited<WorkloadStatus>
  /** Whether Tempo's blocks alone answered for all flushed traces; undefined where nobody looked, since it was not back. */
  readonly blocks: Waited<Trace | undefined> | undefined
  /** The first push when Tempo was ready again; undefined where it never was. */
  readonly firstPush: Push | undefined
  readonly traffic: Traffic
  /** How the workload was doing at the end, in words. */
  readonly description: string
}

/** The restart of this run: traces flushed and unflushed before it, and traffic all through it. */
export const restartOf = onceInRun(async (run: Run): Promise<Restart> => {
  const mark = { run: run.runId, scenario: `restart-${randomBytes(3).toString('hex')}` }
  const tempo = tempoOf(run)
  const workload = workloadOf(run, 'tempo')

  const flushed = await sendSome(run, mark, 2)
  for (const sent of flushed) await awaitStored(run, sent)
  const { value: old } = await prepare(run, 'the workload cannot be looked at', {
    ask: signal => workload.status(signal),
    expect: () => undefined,
  })

  const [known] = flushed
  if (known === undefined) throw new Undetermined('nothing was flushed', 'harness')
  await using traffic = startTraffic(run, mark, known)
  await elapse(settledTrafficMs, run.signal)
  const unflushed = await sendSome(run, mark, 3)
  const before = new Map<string, Trace>()
  for (const { trace } of [...flushed, ...unflushed]) {
    const ask = (signal: AbortSignal) => tempo.traceById(trace.traceId, signal)
    const { value } = await prepare(run, 'Tempo does not answer for a trace before the restart', {
      ask,
      expect: wholeTrace(trace),
    })
    if (value !== undefined) before.set(trace.traceId, value)
  }

  const at = now()
  await workload.terminate(run.signal)
  const back = { ask: (signal: AbortSignal) => workload.status(signal), expect: replacedAndReady(old) }
  const absence = { since: at, deadlineMs: longestAbsenceMs }
  const ready = await waitAtMost(run, 'restart: the workload is ready again', back, absence)
  const isBack = !(ready instanceof NotSeen)
  const firstPush = isBack ? await push(run, simpleTrace(mark), 'gRPC') : undefined
  let blocks: Waited<Trace | undefined> | undefined
  for (const { trace } of isBack ? flushed : []) {
    const ask = (signal: AbortSignal) => tempo.traceFromBlocks(trace.traceId, signal)
    blocks = await waitAtMost(run, 'restart: the blocks answer', { ask, expect: wholeTrace(trace) }, absence)
    if (blocks instanceof NotSeen) break
  }
  await elapse(settledTrafficMs, run.signal)
  return {
    at,
    flushed,
    unflushed,
    before,
    ready,
    blocks,
    firstPush,
    traffic: await traffic.stop(),
    description: isBack ? ready.value.description : ready.last,
  }
})

/** Traces that Tempo has acknowledged. */
async function sendSome(run: Run, mark: { run: string; scenario: string }, count: number): Promise<Acknowledged[]> {
  const traces = Array.from({ length: count }, () => simpleTrace(mark))
  return await Promise.all(traces.map(async trace => acknowledged(await push(run, trace, 'gRPC'))))
}
