import { randomBytes } from 'node:crypto'
import { sumOf } from '../../support/drivers/prometheus-text.ts'
import { NotApplicable } from '../../support/errors.ts'
import { now } from '../../support/eventually.ts'
import { recordsStorageWriteError } from '../../support/expectations/log.ts'
import { grewBy } from '../../support/expectations/metrics.ts'
import { wholeTrace } from '../../support/expectations/traces.ts'
import { waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { administrationOf, tempoOf, tempoSystem, workloadOf } from '../../support/systems.ts'
import { simpleTrace } from '../../support/traces/simple-trace.ts'
import { crossOut, recordChange } from '../../support/undo/journal.ts'
import { type Push, push } from '../pushes.ts'
import { onceInRun } from './once.ts'

const failedFlushes = 'tempo_ingester_failed_flushes_total'
const traces = 5
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
}

/** Makes the credentials invalid while something is done; the journal knows of it before it happens. */
export async function withoutCredentials<T>(run: Run, act: () => Promise<T>): Promise<T> {
  const { storageUser } = tempoSystem(run)
  if (storageUser === undefined)
    throw new NotApplicable('the target names no storageUser of tempo, whose credentials could be made invalid')
  const administration = administrationOf(run)
  const change = recordChange(run.runId, run.target.file, { kind: 'enable-storage-user', user: storageUser })
  try {
    await administration.setUserStatus(storageUser, 'disabled', run.signal)
    return await act()
  } finally {
    // Not the run's signal: an interrupted run must put this right as well.
    await administration.setUserStatus(storageUser, 'enabled', AbortSignal.timeout(10_000))
    crossOut(run.runId, change)
  }
}

/** The outage of this run. */
export const outageOf = onceInRun(async (run: Run): Promise<Outage> => {
  const mark = { run: run.runId, scenario: `outage-${randomBytes(3).toString('hex')}` }
  const tempo = tempoOf(run)
  const workload = workloadOf(run)
  const { value: configuration } = await tempo.configuration(run.signal)
  const countFailures = async (signal: AbortSignal) => {
    const answer = await tempo.metrics(signal)
    return { ...answer, value: sumOf(answer.value, failedFlushes) }
  }
  const { value: before } = await countFailures(run.signal)
  return await withoutCredentials(run, async () => {
    const since = now()
    const pushes: Push[] = []
    for (let count = 0; count < traces; count += 1) pushes.push(await push(run, simpleTrace(mark), 'gRPC'))
    const buffered = new Set<string>()
    for (const { trace } of pushes) {
      const ask = (signal: AbortSignal) => tempo.traceFromMemory(trace.traceId, signal)
      if (await waitAtMost(run, { ask, expect: wholeTrace(trace) }, { deadlineMs: 10_000 })) buffered.add(trace.traceId)
    }
    const untilWritten = {
      since,
      deadlineMs: configuration.maxBlockDurationMs + configuration.traceIdlePeriodMs + marginMs,
    }
    await waitAtMost(
      run,
      { ask: signal => workload.log(since.wallTime, signal), expect: recordsStorageWriteError },
      untilWritten,
    )
    await waitAtMost(run, { ask: countFailures, expect: grewBy(before, 1) }, untilWritten)
    const { value: lines } = await workload.log(since.wallTime, run.signal)
    const { value: after } = await countFailures(run.signal)
    return { pushes, buffered, lines, failedFlushes: { before, after } }
  })
})
