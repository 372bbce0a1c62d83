import { randomBytes } from 'node:crypto'
import type { WorkloadStatus } from '../../support/drivers/workload.ts'
import { elapse, type Moment, now } from '../../support/eventually.ts'
import { replacedAndReady } from '../../support/expectations/workloads.ts'
import { learn, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { tempoOf, workloadOf } from '../../support/systems.ts'
import { simpleTrace } from '../../support/traces/simple-trace.ts'
import { type Acknowledged, acknowledged, push } from '../pushes.ts'
import { onceInRun } from './once.ts'
import type { Waited } from './waited.ts'

/** How many traces are sent in the time that a trace may stay in memory only; the writing goes on for twice that time. */
const tracesPerPeriod = 10

/** What a kill found: traces of every age at that moment. */
export interface Kill {
  readonly at: Moment
  /** Whether another instance became ready. */
  readonly ready: Waited<WorkloadStatus>
  /** Acknowledged longer ago than Tempo may keep a trace in memory only. */
  readonly old: readonly Acknowledged[]
  readonly young: readonly Acknowledged[]
  /** For how long a trace may be in memory only, by Tempo's own configuration. */
  readonly memoryOnlyMs: number
}

/** The kill of this run, and Tempo's return from it. */
export const killOf = onceInRun(async (run: Run): Promise<Kill> => {
  const mark = { run: run.runId, scenario: `kill-${randomBytes(3).toString('hex')}` }
  const workload = workloadOf(run, 'tempo')
  const configuration = await learn(run, "Tempo's configuration", signal => tempoOf(run).configuration(signal))
  const memoryOnlyMs = configuration.traceIdlePeriodMs + configuration.flushCheckPeriodMs
  const before = await learn(run, 'the state of the workload', signal => workload.status(signal))

  const sent: Acknowledged[] = []
  for (let count = 0; count < 2 * tracesPerPeriod; count += 1) {
    sent.push(acknowledged(await push(run, simpleTrace(mark), 'gRPC')))
    await elapse(memoryOnlyMs / tracesPerPeriod, run.signal)
  }
  const at = now()
  await workload.kill(run.signal)
  const back = { ask: (signal: AbortSignal) => workload.status(signal), expect: replacedAndReady(before) }
  const ready = await waitAtMost(run, 'kill: the workload is ready again', back, { since: at })
  const isOld = ({ acknowledgedAt }: Acknowledged) => at.monotonicMs - acknowledgedAt.monotonicMs > memoryOnlyMs
  return { at, ready, old: sent.filter(isOld), young: sent.filter(one => !isOld(one)), memoryOnlyMs }
})
