import { formatDuration } from './duration.ts'
import { describeError, RequestError, TransientError, Undetermined } from './errors.ts'
import type { NotSeen, Seen } from './eventually.ts'
import type { Observation } from './observation.ts'

/** What an observation is about, before anything was seen. */
export interface Awaited {
  readonly requirement: string
  /** The step, in the words of the feature. */
  readonly fact: string
  /** Names this wait among all of a run. */
  readonly key: string
  /** The deadline or the patience before it is scaled. */
  readonly originalMs: number
  readonly deadlineMs: number | null
  /** How long was waited in the end: the deadline, or the suite's patience where there is none. */
  readonly waitedMs: number
  /** The event that the deadline counts from, such as `the acknowledgement`. */
  readonly after: string
}

export function satisfied(awaited: Awaited, seen: Seen<unknown>): Observation {
  const { requirement, fact, deadlineMs } = awaited
  const { timeToTrueMs, uncertaintyMs, attempts, request } = seen
  return {
    requirement,
    fact,
    outcome: 'satisfied',
    fault: null,
    deadlineMs,
    timeToTrueMs,
    uncertaintyMs,
    attempts,
    request,
  }
}

/**
 * The fact was not seen. The product has broken its promise where it answered something else, and where it alone
 * stopped answering; where something is wrong with its surroundings, these are to blame.
 * @param troubles what is wrong with the surroundings now, in words
 */
export function notSeen(awaited: Awaited, missed: NotSeen, troubles: readonly string[]): Observation {
  const { requirement, fact, deadlineMs } = awaited
  const { attempts, first, last } = missed
  const environment = troubles.length > 0
  const lines = [headline(awaited, missed)]
  if (environment) lines.push(...troubles)
  else if (missed.unanswered) lines.push('it stopped answering, while everything else in the target answers')
  return {
    requirement,
    fact,
    outcome: environment ? 'undetermined' : 'violated',
    fault: environment ? 'environment' : 'product',
    deadlineMs,
    timeToTrueMs: null,
    uncertaintyMs: null,
    attempts,
    ...(missed.request === undefined ? {} : { request: missed.request }),
    first,
    last,
    message: lines.join('\n'),
  }
}

function headline({ after, waitedMs }: Awaited, { attempts, lastPauseMs, refused }: NotSeen): string {
  if (refused) return `not true after ${after}: it was answered otherwise, which ended the asking`
  if (attempts === 1) return `not true after ${after}`
  const asks = `${attempts} asks, the last ${formatDuration(lastPauseMs)} apart`
  return `not true within ${formatDuration(waitedMs)} of ${after} (${asks})`
}

/** Something else went wrong: others gave an answer that the question does not allow, or the suite has a defect. */
export function undecided(awaited: Awaited, error: unknown): Observation {
  const { requirement, fact, deadlineMs } = awaited
  const fault = error instanceof Undetermined ? error.fault : isFailedRequest(error) ? 'environment' : 'harness'
  const message = fault === 'harness' && error instanceof Error && error.stack ? error.stack : describeError(error)
  const nothing = { timeToTrueMs: null, uncertaintyMs: null, attempts: 0 }
  return { requirement, fact, outcome: 'undetermined', fault, deadlineMs, ...nothing, message }
}

function isFailedRequest(error: unknown): boolean {
  return error instanceof RequestError || error instanceof TransientError
}

/** The observation in full, for the error that ends the step. */
export function explain(observation: Observation): string {
  const { request, first, last } = observation
  return [
    `${observation.requirement} is ${observation.outcome}: ${observation.fact}`,
    observation.message,
    request && `asked  ${request}`,
    first && `first  ${first}`,
    last && last !== first && `last   ${last}`,
  ]
    .filter(line => typeof line === 'string' && line !== '')
    .join('\n')
}

const severity = { satisfied: 0, 'not applicable': 1, undetermined: 2, violated: 3 } as const

/** One observation for several facts that were awaited side by side: the worst, with how many of them were like it. */
export function worstOf(observations: readonly [Observation, ...Observation[]]): Observation {
  const rank = (one: Observation) => severity[one.outcome] * 1e12 + (one.timeToTrueMs ?? 0)
  const worst = observations.reduce((left, right) => (rank(right) > rank(left) ? right : left))
  const alike = observations.filter(one => one.outcome === worst.outcome).length
  const attempts = observations.reduce((sum, one) => sum + one.attempts, 0)
  if (worst.outcome === 'satisfied' || observations.length === 1) return { ...worst, attempts }
  return { ...worst, attempts, message: `${alike} of ${observations.length} like this one: ${worst.message ?? ''}` }
}
