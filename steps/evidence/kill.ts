import { randomBytes } from 'node:crypto'
import type { WorkloadStatus } from '../../support/drivers/workload.ts'
import { elapse, type Moment, now } from '../../support/eventually.ts'
import { replacedAndReady } from '../../support/expectations/workloads.ts'
import { learn, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { workloadOf } from '../../support/systems.ts'
import type { Keeper } from '../keepers/keeper.ts'
import { type Acknowledged, acknowledged, type Sent } from '../sent.ts'
import { onceInRun } from './once.ts'
import type { Waited } from './waited.ts'

/** How much is sent in the time after which it has been written down; the sending goes on for twice that time. */
const sentPerPeriod = 10

/** Writing down what was kept in memory takes its time too, on a busy machine more of it: so much older is old enough. */
const writingMs = 1_000

/** What a kill found: data of every age at that moment. */
export interface Kill<Kind extends Sent> {
  readonly at: Moment
  /** Whether another instance became ready. */
  readonly ready: Waited<WorkloadStatus>
  /** Acknowledged so long ago that the system has written it down, however late it began with that. */
  readonly old: readonly Acknowledged<Kind>[]
  /** Acknowledged no longer ago than the system may keep it in memory only. */
  readonly young: readonly Acknowledged<Kind>[]
  /** For how long it may be in memory only, by the system's own configuration. */
  readonly memoryOnlyMs: number
}

/** The kill of a system in this run, and its return from it. */
export function killOf<Kind extends Sent>(keeper: Keeper<Kind, unknown>): (run: Run) => Promise<Kill<Kind>> {
  return onceInRun(async run => await kill(run, keeper))
}

async function kill<Kind extends Sent>(run: Run, keeper: Keeper<Kind, unknown>): Promise<Kill<Kind>> {
  const { system } = keeper
  const mark = { run: run.runId, scenario: `kill-${randomBytes(3).toString('hex')}` }
  const workload = workloadOf(run, system)
  const memoryOnlyMs = await keeper.memoryOnlyMs(run)
  const before = await learn(run, 'the state of the workload', signal => workload.status(signal))

  const sent: Acknowledged<Kind>[] = []
  const periodMs = memoryOnlyMs === 0 ? 0 : memoryOnlyMs + writingMs
  for (let count = 0; count < 2 * sentPerPeriod; count += 1) {
    sent.push(acknowledged(await keeper.send(run, mark)))
    await elapse(periodMs / sentPerPeriod, run.signal)
  }
  const at = now()
  await workload.kill(run.signal)
  const back = { ask: (signal: AbortSignal) => workload.status(signal), expect: replacedAndReady(before) }
  const ready = await waitAtMost(run, `kill of ${system}: it is ready again`, back, { since: at })
  const age = ({ acknowledgedAt }: Acknowledged<Kind>) => at.monotonicMs - acknowledgedAt.monotonicMs
  const old = sent.filter(one => age(one) > periodMs)
  return { at, ready, old, young: sent.filter(one => age(one) <= memoryOnlyMs), memoryOnlyMs }
}
