import { now } from '../../support/eventually.ts'
import { namesRefusedCredentials } from '../../support/expectations/log.ts'
import { isReady } from '../../support/expectations/workloads.ts'
import { waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { workloadOf } from '../../support/systems.ts'
import { onceInRun } from './once.ts'
import { withoutCredentials } from './outage.ts'

/** Tempo looks into its bucket when it starts: what it finds there stands in the log soon after. */
const longestSilenceMs = 2 * 60_000
const longestAbsenceMs = 10 * 60_000

/** What a start with refused storage credentials showed, and the return once they were accepted. */
export interface RefusedStart {
  /** The log from the restart until the credentials were put right. */
  readonly lines: readonly string[]
  /** From then on; undefined where Tempo did not come back. */
  readonly readyAgainAfterMs: number | undefined
  readonly description: string
}

export const refusedStartOf = onceInRun(async (run: Run): Promise<RefusedStart> => {
  const workload = workloadOf(run)
  const lines = await withoutCredentials(run, async () => {
    const restarted = now()
    await workload.terminate(run.signal)
    const log = (signal: AbortSignal) => workload.log(restarted.wallTime, signal)
    await waitAtMost(
      run,
      { ask: log, expect: namesRefusedCredentials },
      { since: restarted, deadlineMs: longestSilenceMs },
    )
    return (await log(run.signal)).value
  })
  const putRight = now()
  const status = (signal: AbortSignal) => workload.status(signal)
  const ready = await waitAtMost(
    run,
    { ask: status, expect: isReady },
    { since: putRight, deadlineMs: longestAbsenceMs },
  )
  return {
    lines,
    readyAgainAfterMs: ready?.timeToTrueMs,
    description: ready?.value.description ?? (await status(run.signal)).value.description,
  }
})
