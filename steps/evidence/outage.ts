import { randomBytes } from 'node:crypto'
import { sumOf } from '../../support/drivers/prometheus-text.ts'
import { isDefect } from '../../support/errors.ts'
import { eventually, NotSeen, now } from '../../support/eventually.ts'
import { recordsStorageWriteError } from '../../support/expectations/log.ts'
import { grewBy } from '../../support/expectations/metrics.ts'
import { wholeTrace } from '../../support/expectations/traces.ts'
import { learn, learnOf, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { administrationOf, storageUserOf, tempoOf, workloadOf } from '../../support/systems.ts'
import { simpleTrace } from '../../support/traces/simple-trace.ts'
import { crossOut, recordChange } from '../../support/undo/journal.ts'
import { type Push, push } from '../pushes.ts'
import { onceInRun } from './once.ts'

const failedFlushes = 'tempo_ingester_failed_flushes_total'
const traces = 5
/** For how long it is tried to put the credentials right again. */
const longestRepairMs = 10_000
/** Beyond the time in which Tempo must have tried to write a block. */
const marginMs = 2 * 60_000

/** What Tempo did while its storage credentials were invalid. */
export interface Outage {
  readonly pushes: readonly Push[]
  /** Ids of the traces that Tempo's memory held, whole, before the credentials were put right. */
  readonly buffered: ReadonlySet<string>
  /** The log of that time. */
  readonly lines: readonly string[]
  readonly failedFlushes: { readonly before: number | undefined; readonly after: number | undefined }
  /** What was asked to learn it. */
  readonly requests: { readonly memory: string; readonly log: string; readonly metrics: string }
}

/**
 * Makes the credentials invalid while something is done; the journal knows of it before it happens. What goes wrong
 * meanwhile is not hidden by a failure to put them right: that one stands in the journal.
 */
export async function withoutCredentials<T>(run: Run, act: () => Promise<T>): Promise<T> {
  const storageUser = storageUserOf(run, 'tempo')
  const administration = administrationOf(run)
  const change = recordChange(run.runId, run.target.file, { kind: 'enable-storage-user', user: storageUser })
  const putRight = async () => {
    const ask = (signal: AbortSignal) => administration.setUserStatus(storageUser, 'enabled', signal)
    // Not the run's signal: an interrupted run must put this right as well.
    const signal = AbortSignal.timeout(2 * longestRepairMs)
    await eventually({ ask, expect: () => undefined }, { deadlineMs: longestRepairMs, since: now(), signal })
    crossOut(run.runId, change)
  }
  let result: T
  try {
    await administration.setUserStatus(storageUser, 'disabled', run.signal)
    result = await act()
  } catch (error) {
    await putRight().catch((failure: unknown) => {
      if (isDefect(failure)) throw failure
    })
    throw error
  }
  await putRight()
  return result
}

/** The outage of this run. */
export const outageOf = onceInRun(async (run: Run): Promise<Outage> => {
  const mark = { run: run.runId, scenario: `outage-${randomBytes(3).toString('hex')}` }
  const tempo = tempoOf(run)
  const workload = workloadOf(run, 'tempo')
  const configuration = await learn(run, "Tempo's configuration", signal => tempo.configuration(signal))
  const countFailures = async (signal: AbortSignal) => {
    const answer = await tempo.metrics(signal)
    return { ...answer, value: sumOf(answer.value, failedFlushes) }
  }
  const before = await learn(run, "Tempo's count of failed flushes", countFailures)
  return await withoutCredentials(run, async () => {
    const since = now()
    const pushes: Push[] = []
    for (let count = 0; count < traces; count += 1) pushes.push(await push(run, simpleTrace(mark), 'gRPC'))
    const buffered = new Set<string>()
    let memoryRequest = "Tempo's memory"
    for (const { trace } of pushes) {
      const ask = (signal: AbortSignal) => tempo.traceFromMemory(trace.traceId, signal)
      const held = { ask, expect: wholeTrace(trace) }
      const inMemory = await waitAtMost(run, 'outage: a trace is in memory', held, { deadlineMs: 10_000 })
      memoryRequest = inMemory.request ?? memoryRequest
      if (!(inMemory instanceof NotSeen)) buffered.add(trace.traceId)
    }
    const untilWritten = {
      since,
      deadlineMs: configuration.maxBlockDurationMs + configuration.traceIdlePeriodMs + marginMs,
    }
    const logOfOutage = (signal: AbortSignal) => workload.log(since.wallTime, signal)
    const logged = { ask: logOfOutage, expect: recordsStorageWriteError }
    const counted = { ask: countFailures, expect: grewBy(before, 1) }
    await Promise.all([
      waitAtMost(run, 'outage: the log tells of it', logged, untilWritten),
      waitAtMost(run, 'outage: failed flushes are counted', counted, untilWritten),
    ])
    const log = await learnOf(run, 'the log of the outage', logOfOutage)
    const after = await learnOf(run, "Tempo's count of failed flushes", countFailures)
    return {
      pushes,
      buffered,
      lines: log.value,
      failedFlushes: { before, after: after.value },
      requests: { memory: memoryRequest, log: log.request, metrics: after.request },
    }
  })
})
