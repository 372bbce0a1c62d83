import type { Answer } from '../../support/drivers/answer.ts'
import type { Question } from '../../support/eventually.ts'
import type { StorageLog } from '../../support/expectations/log.ts'
import type { Run } from '../../support/run.ts'
import type { StoringSystemName } from '../../support/system-names.ts'
import type { Acknowledged, Sent } from '../sent.ts'

/** Whose data it is. */
export interface Mark {
  readonly run: string
  readonly scenario: string
}

/**
 * A system that keeps data, as whoever disrupts it has to know it: how data are sent, and where they are to be seen again.
 * A disruption is the same for every such system.
 * @typeParam Kind something that was sent, @typeParam Stored what the system answers for it
 */
export interface Keeper<Kind extends Sent, Stored> {
  readonly system: StoringSystemName
  /** Names what was sent, such as a trace id. */
  nameOf(sent: Kind): string
  /** Sends something of this mark, once; what became of it is told, not thrown. */
  send(run: Run, mark: Mark): Promise<Kind>
  /** Whether the system answers for all of it, unchanged, from wherever it has it. */
  answers(run: Run, sent: Kind): Question<Stored>
  /** The same, without the help of object storage, where that can be asked for. */
  answersFromMemory?(run: Run, sent: Kind): Question<Stored>
  /** The same, without the help of anybody's memory, where that can be asked for. */
  answersFromStorage?(run: Run, sent: Kind): Question<Stored>
  /** Waits until it is in the bucket. @throws Undetermined */
  awaitStored(run: Run, sent: Acknowledged<Kind>): Promise<void>
  /** For how long it may be in memory only, so that a kill may lose it. Milliseconds. */
  memoryOnlyMs(run: Run): Promise<number>
  readonly storage: StorageUse
}

/** How a system tells of its object storage. */
interface StorageUse {
  readonly log: StorageLog
  /** Its own count of failed attempts to write to it, or to look whether it must. */
  failedWrites(run: Run, signal: AbortSignal): Promise<Answer<number | undefined>>
  /** Has it write what it holds for this mark, where that can be asked for. */
  provokeWrite?(run: Run, mark: Mark): Promise<void>
  /** After which it must have tried to write what was sent. Milliseconds. */
  writtenAfterMs(run: Run): Promise<number>
}
