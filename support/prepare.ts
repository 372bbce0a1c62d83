import { Undetermined } from './errors.ts'
import { eventually, type Moment, NotSeen, now, type Question, type Seen } from './eventually.ts'
import type { Run } from './run.ts'

const longestPreparationMs = 10 * 60_000

/** When a preparation must be done; both may be left out. */
export interface Preparation {
  readonly since?: Moment
  readonly deadlineMs?: number
}

/**
 * Waits for what a scenario needs before it can observe anything; failing here is no verdict on its requirement.
 * @param what what is wrong where it does not come, such as `Tempo does not become ready`
 * @throws Undetermined
 */
export async function prepare<T>(
  run: Run,
  what: string,
  question: Question<T>,
  { since = now(), deadlineMs = longestPreparationMs }: Preparation = {},
): Promise<Seen<T>> {
  try {
    return await eventually(question, { deadlineMs: deadlineMs * run.deadlineScale, since, signal: run.signal })
  } catch (error) {
    if (!(error instanceof NotSeen)) throw error
    throw new Undetermined(`${what}: last ${error.last}`, 'environment', { cause: error })
  }
}

/** Waits for something, or for so long at most, whichever comes first. Tells whether it came. */
export async function waitAtMost<T>(
  run: Run,
  question: Question<T>,
  { since = now(), deadlineMs = longestPreparationMs }: Preparation,
): Promise<Seen<T> | undefined> {
  try {
    return await eventually(question, { deadlineMs: deadlineMs * run.deadlineScale, since, signal: run.signal })
  } catch (error) {
    if (error instanceof NotSeen) return undefined
    throw error
  }
}
