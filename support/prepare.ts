import { RequestError, Undetermined } from './errors.ts'
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
    return await awaited(run, what, question, { since, deadlineMs })
  } catch (error) {
    if (error instanceof RequestError)
      throw new Undetermined(`${what}: ${error.message}`, 'environment', { cause: error })
    if (!(error instanceof NotSeen)) throw error
    throw new Undetermined(`${what}: last ${error.last}`, 'environment', { cause: error })
  }
}

/** Learns something that is needed, whatever it is; a request that fails in passing is made again. @throws Undetermined */
export async function learn<T>(run: Run, what: string, ask: Question<T>['ask']): Promise<T> {
  const { value } = await prepare(run, `${what} cannot be learned`, { ask, expect: () => undefined })
  return value
}

/**
 * Waits for something, or for so long at most, whichever comes first. Undefined where it did not come.
 * @param what what is awaited, such as `restart: the workload is ready again`
 */
export async function waitAtMost<T>(
  run: Run,
  what: string,
  question: Question<T>,
  { since = now(), deadlineMs = longestPreparationMs }: Preparation,
): Promise<Seen<T> | undefined> {
  try {
    return await awaited(run, what, question, { since, deadlineMs })
  } catch (error) {
    if (error instanceof NotSeen) return undefined
    throw error
  }
}

async function awaited<T>(
  run: Run,
  key: string,
  question: Question<T>,
  { since, deadlineMs }: Required<Preparation>,
): Promise<Seen<T>> {
  const { deadlines, signal } = run
  const seen = await eventually(question, { deadlineMs: deadlines.waitMs(key, deadlineMs), since, signal })
  const { timeToTrueMs: tookMs, request } = seen
  deadlines.cameTrue({ key, kind: 'preparation', originalMs: deadlineMs, tookMs, request })
  return seen
}
