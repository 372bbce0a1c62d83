import { now } from '../../support/eventually.ts'
import { namesRefusedCredentials } from '../../support/expectations/log.ts'
import { isReady } from '../../support/expectations/workloads.ts'
import { prepare, waitAtMost } from '../../support/prepare.ts'
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
  /** What was asked to learn it. */
  readonly requests: { readonly log: string; readonly status: string }
}

export const refusedStartOf = onceInRun(async (run: Run): Promise<RefusedStart> => {
  const workload = workloadOf(run)
  const log = await withoutCredentials(run, async () => {
    const restarted = now()
    await workload.terminate(run.signal)
    const ask = (signal: AbortSignal) => workload.log(restarted.wallTime, signal)
    const explained = { ask, expect: namesRefusedCredentials }
    const span = { since: restarted, deadlineMs: longestSilenceMs }
    await waitAtMost(run, 'refused start: the log names the cause', explained, span)
    return await prepare(run, 'the log of the start cannot be read', { ask, expect: () => undefined })
  })
  const putRight = now()
  const status = (signal: AbortSignal) => workload.status(signal)
  const span = { since: putRight, deadlineMs: longestAbsenceMs }
  const ready = await waitAtMost(run, 'refused start: ready again', { ask: status, expect: isReady }, span)
  const last =
    ready ?? (await prepare(run, 'the workload cannot be looked at', { ask: status, expect: () => undefined }))
  return {
    lines: log.value,
    readyAgainAfterMs: ready?.timeToTrueMs,
    description: last.value.description,
    requests: { log: log.request, status: last.request },
  }
})
