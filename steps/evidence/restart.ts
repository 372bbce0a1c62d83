import { randomBytes } from 'node:crypto'
import type { WorkloadStatus } from '../../support/drivers/workload.ts'
import { Undetermined } from '../../support/errors.ts'
import { elapse, type Moment, NotSeen, now } from '../../support/eventually.ts'
import { replacedAndReady } from '../../support/expectations/workloads.ts'
import { prepare, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { workloadOf } from '../../support/systems.ts'
import type { Keeper, Mark } from '../keepers/keeper.ts'
import { type Acknowledged, acknowledged, type Sent } from '../sent.ts'
import { onceInRun } from './once.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import type { Waited } from './waited.ts'

/** How long a workload is given to come back; the requirements' own deadline is judged by the steps. */
const longestAbsenceMs = 10 * 60_000
/** Writer and reader go on this long before the restart and after it. */
const settledTrafficMs = 1_000

/** What a restart showed. Times are milliseconds from the restart on. */
export interface Restart<Kind extends Sent, Stored> {
  readonly at: Moment
  readonly flushed: readonly Acknowledged<Kind>[]
  readonly unflushed: readonly Acknowledged<Kind>[]
  /** By name, what the system answered before. */
  readonly before: ReadonlyMap<string, Stored>
  /** Whether another instance became ready. */
  readonly ready: Waited<WorkloadStatus>
  /**
   * Whether the storage alone answered for all that was flushed; undefined where nobody looked, since it was not back or
   * cannot be asked so.
   */
  readonly fromStorage: Waited<Stored> | undefined
  /** The first push when the system was ready again; undefined where it never was. */
  readonly firstPush: Kind | undefined
  readonly traffic: Traffic<Kind>
  /** How the workload was doing at the end, in words. */
  readonly description: string
}

/** The restart of a system in this run: data flushed and unflushed before it, and traffic all through it. */
export function restartOf<Kind extends Sent, Stored>(
  keeper: Keeper<Kind, Stored>,
): (run: Run) => Promise<Restart<Kind, Stored>> {
  return onceInRun(async run => await restart(run, keeper))
}

async function restart<Kind extends Sent, Stored>(
  run: Run,
  keeper: Keeper<Kind, Stored>,
): Promise<Restart<Kind, Stored>> {
  const { system } = keeper
  const mark = { run: run.runId, scenario: `restart-${randomBytes(3).toString('hex')}` }
  const workload = workloadOf(run, system)

  const flushed = await sendSome(run, keeper, mark, 2)
  for (const sent of flushed) await keeper.awaitStored(run, sent)
  const { value: old } = await prepare(run, 'the workload cannot be looked at', {
    ask: signal => workload.status(signal),
    expect: () => undefined,
  })

  const [known] = flushed
  if (known === undefined) throw new Undetermined('nothing was flushed', 'harness')
  await using traffic = startTraffic(run, keeper, mark, known)
  await elapse(settledTrafficMs, run.signal)
  const unflushed = await sendSome(run, keeper, mark, 3)
  const before = new Map<string, Stored>()
  for (const sent of [...flushed, ...unflushed]) {
    const what = `${system} does not answer for what it acknowledged before the restart`
    before.set(keeper.nameOf(sent), (await prepare(run, what, keeper.answers(run, sent))).value)
  }

  const at = now()
  await workload.terminate(run.signal)
  const back = { ask: (signal: AbortSignal) => workload.status(signal), expect: replacedAndReady(old) }
  const absence = { since: at, deadlineMs: longestAbsenceMs }
  const ready = await waitAtMost(run, `restart of ${system}: it is ready again`, back, absence)
  const isBack = !(ready instanceof NotSeen)
  const firstPush = isBack ? await keeper.send(run, mark) : undefined
  let fromStorage: Waited<Stored> | undefined
  for (const sent of isBack ? flushed : []) {
    const question = keeper.answersFromStorage?.(run, sent)
    if (question === undefined) break
    fromStorage = await waitAtMost(run, `restart of ${system}: its storage answers`, question, absence)
    if (fromStorage instanceof NotSeen) break
  }
  await elapse(settledTrafficMs, run.signal)
  return {
    at,
    flushed,
    unflushed,
    before,
    ready,
    fromStorage,
    firstPush,
    traffic: await traffic.stop(),
    description: isBack ? ready.value.description : ready.last,
  }
}

/** What the system has acknowledged. */
async function sendSome<Kind extends Sent>(
  run: Run,
  keeper: Keeper<Kind, unknown>,
  mark: Mark,
  count: number,
): Promise<Acknowledged<Kind>[]> {
  return await Promise.all(Array.from({ length: count }, async () => acknowledged(await keeper.send(run, mark))))
}
