import { randomBytes } from 'node:crypto'
import { NotSeen, now } from '../../support/eventually.ts'
import { recordsStorageWriteError } from '../../support/expectations/log.ts'
import { grewBy } from '../../support/expectations/metrics.ts'
import { learn, learnOf, waitAtMost } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import type { StoringSystemName } from '../../support/system-names.ts'
import { administrationOf, storageUserOf, workloadOf } from '../../support/systems.ts'
import type { Keeper, Mark } from '../keepers/keeper.ts'
import type { Sent } from '../sent.ts'
import { whileChanged } from './changed.ts'
import { onceInRun } from './once.ts'

const sentMeanwhile = 5
/** Beyond the time in which the system must have tried to write. */
const marginMs = 2 * 60_000

/** What a system did while its storage credentials were invalid. */
export interface Outage<Kind extends Sent> {
  readonly mark: Mark
  readonly pushes: readonly Kind[]
  /** What the system held, whole, before the credentials were put right. */
  readonly buffered: ReadonlySet<Kind>
  /** The log of that time. */
  readonly lines: readonly string[]
  readonly failedWrites: { readonly before: number | undefined; readonly after: number | undefined }
  /** What was asked to learn it. */
  readonly requests: { readonly memory: string; readonly log: string; readonly metrics: string }
}

/** Does something while the storage credentials of a system are invalid. */
export async function withoutCredentials<T>(run: Run, system: StoringSystemName, act: () => Promise<T>): Promise<T> {
  const user = storageUserOf(run, system)
  const administration = administrationOf(run)
  const change = {
    undo: { kind: 'enable-storage-user', user } as const,
    make: (signal: AbortSignal) => administration.setUserStatus(user, 'disabled', signal),
    putBack: (signal: AbortSignal) => administration.setUserStatus(user, 'enabled', signal),
  }
  return await whileChanged(run, change, act)
}

/** The outage of a system's storage in this run. */
export function outageOf<Kind extends Sent>(keeper: Keeper<Kind, unknown>): (run: Run) => Promise<Outage<Kind>> {
  return onceInRun(async run => await outage(run, keeper))
}

async function outage<Kind extends Sent>(run: Run, keeper: Keeper<Kind, unknown>): Promise<Outage<Kind>> {
  const { system, storage } = keeper
  const mark = { run: run.runId, scenario: `outage-${randomBytes(3).toString('hex')}` }
  const workload = workloadOf(run, system)
  const writtenAfterMs = await storage.writtenAfterMs(run)
  const countFailures = (signal: AbortSignal) => storage.failedWrites(run, signal)
  const before = await learn(run, 'the count of failed writes', countFailures)
  return await withoutCredentials(run, system, async () => {
    const since = now()
    const pushes: Kind[] = []
    for (let count = 0; count < sentMeanwhile; count += 1) pushes.push(await keeper.send(run, mark))
    const buffered = new Set<Kind>()
    let memoryRequest = `${system}'s memory`
    for (const sent of pushes) {
      const held = keeper.answersFromMemory?.(run, sent) ?? keeper.answers(run, sent)
      const inMemory = await waitAtMost(run, `outage of ${system}: it holds what was sent`, held, {
        deadlineMs: 10_000,
      })
      memoryRequest = inMemory.request ?? memoryRequest
      if (!(inMemory instanceof NotSeen)) buffered.add(sent)
    }
    await storage.provokeWrite?.(run, mark)
    const untilWritten = { since, deadlineMs: writtenAfterMs + marginMs }
    const logOfOutage = (signal: AbortSignal) => workload.log(since.wallTime, signal)
    const logged = { ask: logOfOutage, expect: recordsStorageWriteError(storage.log) }
    const counted = { ask: countFailures, expect: grewBy(before, 1) }
    await Promise.all([
      waitAtMost(run, `outage of ${system}: the log tells of it`, logged, untilWritten),
      waitAtMost(run, `outage of ${system}: failed writes are counted`, counted, untilWritten),
    ])
    const log = await learnOf(run, 'the log of the outage', logOfOutage)
    const after = await learnOf(run, 'the count of failed writes', countFailures)
    return {
      mark,
      pushes,
      buffered,
      lines: log.value,
      failedWrites: { before, after: after.value },
      requests: { memory: memoryRequest, log: log.request, metrics: after.request },
    }
  })
}
