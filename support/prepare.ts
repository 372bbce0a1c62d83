import { RequestError, Undetermined } from './errors.ts'
import { eventually, type Moment, NotSeen, now, type Question, type Seen } from './eventually.ts'
import type { Run } from './run.ts'

const longestPreparationMs = 10 * 60_000
/** What a system that is well tells at once may fail in passing, but not for long. */
const longestLearningMs = 60_000

const shortestLookMs = 1_000

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
  const { value } = await learnOf(run, what, ask)
  return value
}

/** As `learn`, with the request by which it was learned. */
export async function learnOf<T>(run: Run, what: string, ask: Question<T>['ask']): Promise<Seen<T>> {
  const question = { ask, expect: () => undefined }
  return await prepare(run, `${what} cannot be learned`, question, { deadlineMs: longestLearningMs })
}

/**
 * Waits for something, or for so long at most, whichever comes first; what was seen instead is told, not thrown.
 * @param what what is awaited, such as `restart: the workload is ready again`
 */
export async function waitAtMost<T>(
  run: Run,
  what: string,
  question: Question<T>,
  { since = now(), deadlineMs = longestPreparationMs }: Preparation,
): Promise<Seen<T> | NotSeen> {
  try {
    return await awaited(run, what, question, { since, deadlineMs })
  } catch (error) {
    if (error instanceof NotSeen) return error
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
  // What was waited for before may have used up all of the time: it is looked at all the same.
  const shortestMs = performance.now() - since.monotonicMs + shortestLookMs
  const waitedMs = Math.max(deadlines.waitMs(key, deadlineMs), shortestMs)
  const seen = await eventually(question, { deadlineMs: waitedMs, since, signal })
  const { timeToTrueMs: tookMs, request } = seen
  deadlines.cameTrue({ key, kind: 'preparation', originalMs: deadlineMs, tookMs, request })
  return seen
}
