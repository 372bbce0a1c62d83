import type { WorkloadStatus } from '../../support/drivers/workload.ts'
import { now } from '../../support/eventually.ts'
import { namesRefusedCredentials, type StorageLog } from '../../support/expectations/log.ts'
import { isReady } from '../../support/expectations/workloads.ts'
import { learnOf, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import type { StoringSystemName } from '../../support/system-names.ts'
import { workloadOf } from '../../support/systems.ts'
import type { Keeper } from '../keepers/keeper.ts'
import type { Sent } from '../sent.ts'
import { onceInRun } from './once.ts'
import { withoutCredentials } from './outage.ts'
import type { Waited } from './waited.ts'

/** A system looks into its bucket when it starts: what it finds there stands in the log soon after. */
const longestSilenceMs = 2 * 60_000
const longestAbsenceMs = 10 * 60_000

/** What a start with refused storage credentials showed, and the return once they were accepted. */
export interface RefusedStart {
  /** The log from the restart until the credentials were put right. */
  readonly lines: readonly string[]
  /** By which that log was read. */
  readonly logRequest: string
  /** From then on. */
  readonly readyAgain: Waited<WorkloadStatus>
}

/** A start of a system with credentials that are not accepted, in this run. */
export function refusedStartOf({ system, storage }: Keeper<Sent, unknown>): (run: Run) => Promise<RefusedStart> {
  return onceInRun(async run => await refusedStart(run, system, storage.log))
}

async function refusedStart(run: Run, system: StoringSystemName, storageLog: StorageLog): Promise<RefusedStart> {
  const workload = workloadOf(run, system)
  const log = await withoutCredentials(run, system, async () => {
    const restarted = now()
    await workload.terminate(run.signal)
    const ask = (signal: AbortSignal) => workload.log(restarted.wallTime, signal)
    const explained = { ask, expect: namesRefusedCredentials(storageLog) }
    const span = { since: restarted, deadlineMs: longestSilenceMs }
    await waitAtMost(run, `refused start of ${system}: the log names the cause`, explained, span)
    return await learnOf(run, 'the log of the start', ask)
  })
  const putRight = now()
  const status = (signal: AbortSignal) => workload.status(signal)
  const span = { since: putRight, deadlineMs: longestAbsenceMs }
  const readyAgain = await waitAtMost(
    run,
    `refused start of ${system}: ready again`,
    { ask: status, expect: isReady },
    span,
  )
  return { lines: log.value, logRequest: log.request, readyAgain }
}
