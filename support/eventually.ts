import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './drivers/answer.ts'
import { describeError, isDefect, RequestError, TransientError, Undetermined, Unmet } from './errors.ts'

/**
 * The pause before the next ask grows with the time already waited, so that a fact is seen at most 1 % late: nine tenths
 * of that are the pause, the rest is left to the ask itself.
 */
const pauseShare = 0.009
const shortestPauseMs = 25
/** One ask that hangs must not use up the whole deadline. */
const longestAskMs = 10_000
/** What a driver is given to tell whom it has asked in vain, when the time of an ask is over. */
const lastWordMs = 50

/** A point in time, on the clock that deadlines are measured with and on the one that people and logs use. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallTime: Date
}

export function now(): Moment {
  return { monotonicMs: performance.now(), wallTime: new Date() }
}

/** Something to ask a system, and what must be true of its answer; the expectation throws `Unmet` where it is not. */
export interface Question<T> {
  ask(signal: AbortSignal): Promise<Answer<T>>
  expect(value: T): void
}

/**
 * Which failures are asked again: `unmet` also those of the expectation (the fact may become true), `transient` only
 * failed requests (the first answer is judged), `never` nothing at all (the ask changes something, such as a push).
 */
export type AskAgain = 'unmet' | 'transient' | 'never'

export interface Wait {
  readonly deadlineMs: number
  /** The event that the deadline counts from. */
  readonly since: Moment
  readonly signal: AbortSignal
  readonly again?: AskAgain
}

/** A fact that became true, and how well that is known. Milliseconds from the event that the deadline counts from. */
export interface Seen<T> extends Answer<T> {
  readonly attempts: number
  readonly timeToTrueMs: number
  /** The fact may have been true that much earlier: nobody looked. */
  readonly uncertaintyMs: number
}

/** The fact did not become true; says what the first and the last ask brought. */
export class NotSeen extends Error {
  override readonly name = 'NotSeen'
  readonly attempts: number
  readonly lastPauseMs: number
  readonly first: string
  readonly last: string
  /** The request of the last ask that was answered, where there was one. */
  readonly request: string | undefined
  /** The last ask brought no answer at all, only a failed request. */
  readonly unanswered: boolean
  /** It was not the system under test that did not answer, but something around it. */
  readonly othersFailed: boolean
  /** The system itself answered what the question does not allow, so it was not asked again. */
  readonly refused: boolean

  constructor(asks: Asks, lastPauseMs: number) {
    super(asks.last?.message ?? 'never asked', { cause: asks.last })
    this.attempts = asks.count
    this.lastPauseMs = lastPauseMs
    this.first = asks.first === undefined ? 'never asked' : describeError(asks.first)
    this.last = asks.last === undefined ? 'never asked' : describeError(asks.last)
    this.request = asks.request
    this.unanswered = asks.last instanceof TransientError
    this.othersFailed = asks.last instanceof TransientError && asks.last.whose === 'environment'
    this.refused = asks.last instanceof RequestError
  }
}

/** What the asks of one wait brought. */
interface Asks {
  count: number
  first?: Error
  last?: Error
  request?: string
}

/**
 * Asks now, then ever less often, never twice at once, until the expectation accepts an answer or the deadline ends.
 * An answer counts only when it came before the deadline. The last look is timed so that it just can.
 * @throws NotSeen where the deadline ended first, and at once where the product refused to answer; Undetermined where the run
 * was interrupted; anything else that an ask throws, at once, since asking again would not change it
 */
export async function eventually<T>(question: Question<T>, wait: Wait): Promise<Seen<T>> {
  const deadlineAt = wait.since.monotonicMs + wait.deadlineMs
  const asks: Asks = { count: 0 }
  let pauseMs = 0
  let notTrueAt = wait.since.monotonicMs
  while (performance.now() < deadlineAt) {
    const askedAt = performance.now()
    const answer = await askOnce(question, asks, deadlineAt, wait)
    const answeredAt = performance.now()
    if (answer !== undefined && answeredAt < deadlineAt) {
      return {
        ...answer,
        attempts: asks.count,
        timeToTrueMs: answeredAt - wait.since.monotonicMs,
        uncertaintyMs: answeredAt - notTrueAt,
      }
    }
    if (answer !== undefined) asks.last = new Unmet('the answer came, but too late')
    if (mayNotAskAgain(asks.last, wait.again ?? 'unmet')) break
    notTrueAt = askedAt
    const lastLookAt = deadlineAt - Math.max(shortestPauseMs, 2 * (answeredAt - askedAt))
    if (answeredAt >= lastLookAt) break
    const nextAt = answeredAt + Math.max(shortestPauseMs, pauseShare * (answeredAt - wait.since.monotonicMs))
    pauseMs = Math.min(nextAt, lastLookAt) - answeredAt
    await pause(pauseMs, wait.signal)
  }
  if (asks.count === 0) {
    throw new Undetermined('the deadline was over before the suite could look for the first time', 'harness')
  }
  throw new NotSeen(asks, pauseMs)
}

/**
 * Asks again and again for the whole window, for what must stay true. `control` runs first and must prove that the
 * question would notice a breach: an absence that could not have been seen proves nothing. A request that fails in passing
 * is no breach; the next one looks again.
 * @throws NotSeen at the first answer that the expectation does not accept, or where no ask was answered; Undetermined
 * where the control fails; what it throws besides, since a defect of the suite is no blind control
 */
export async function throughout<T>(
  control: () => void | Promise<void>,
  question: Question<T>,
  wait: Omit<Wait, 'again'>,
): Promise<Seen<T>> {
  try {
    await control()
  } catch (error) {
    const whose = faultOfControl(error)
    if (whose === undefined) throw error
    throw new Undetermined(`the positive control failed: ${describeError(error)}`, whose, { cause: error })
  }
  const endsAt = wait.since.monotonicMs + wait.deadlineMs
  const asks: Asks = { count: 0 }
  let held: Answer<T> | undefined
  do {
    const answer = await askOnce(question, asks, Math.max(endsAt, performance.now() + longestAskMs), wait)
    if (answer === undefined && !(asks.last instanceof TransientError)) throw new NotSeen(asks, 0)
    held = answer ?? held
    if (performance.now() < endsAt) await pause(Math.max(shortestPauseMs, pauseShare * wait.deadlineMs), wait.signal)
  } while (performance.now() < endsAt)
  if (held === undefined) throw new NotSeen(asks, 0)
  return { ...held, attempts: asks.count, timeToTrueMs: wait.deadlineMs, uncertaintyMs: 0 }
}

/** Whose failure it is that a control does not see what it should; undefined for what is no failure of the control. */
function faultOfControl(error: unknown): Undetermined['fault'] | undefined {
  if (error instanceof Undetermined) return error.fault
  if (error instanceof TransientError || error instanceof RequestError) return 'environment'
  return error instanceof Unmet ? 'harness' : undefined
}

/** Lets time pass, where passing time is what a scenario is about. @throws Undetermined where the run was interrupted */
export async function elapse(ms: number, signal: AbortSignal): Promise<void> {
  throwIfInterrupted(signal)
  await pause(ms, signal)
}

/** Does something at a steady pace until the signal ends it; a turn that takes longer than the interval delays the next. */
export async function steadily(
  intervalMs: number,
  signal: AbortSignal,
  act: (turn: number) => Promise<void>,
): Promise<void> {
  const begunAt = performance.now()
  for (let turn = 0; !signal.aborted; turn += 1) {
    await act(turn)
    const nextAt = begunAt + (turn + 1) * intervalMs
    await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal }).catch(() => undefined)
  }
}

async function askOnce<T>(
  question: Question<T>,
  asks: Asks,
  deadlineAt: number,
  wait: Pick<Wait, 'signal'>,
): Promise<Answer<T> | undefined> {
  asks.count += 1
  const allowedMs = Math.max(1, Math.ceil(Math.min(deadlineAt - performance.now(), longestAskMs)))
  const limit = AbortSignal.timeout(allowedMs)
  try {
    const answer = await endedBy(question.ask(AbortSignal.any([wait.signal, limit])), limit)
    asks.request = answer.request
    question.expect(answer.value)
    return answer
  } catch (error) {
    throwIfInterrupted(wait.signal)
    const isTooLate = limit.aborted && !(error instanceof Unmet || isDefect(error))
    const failure = isTooLate ? noAnswer(allowedMs, error) : error
    if (!(failure instanceof Unmet || failure instanceof TransientError || isRefusal(failure))) throw failure
    // The deadline cut this ask short, which says less than the answer before it.
    if (limit.aborted && allowedMs < longestAskMs && asks.last instanceof Unmet) return undefined
    asks.first ??= failure
    asks.last = failure
    return undefined
  }
}

/** A driver that does not honour its signal must not hold up the wait. */
function endedBy<T>(asked: Promise<T>, limit: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    limit.addEventListener('abort', () => void sleep(lastWordMs).then(() => reject(limit.reason)), { once: true })
    asked.then(resolve, reject)
  })
}

function noAnswer(allowedMs: number, error: unknown): TransientError {
  const what = `no answer within ${Math.round(allowedMs)} ms`
  if (!(error instanceof TransientError)) return new TransientError(what, { cause: error })
  const { message, cause, whose } = error
  return new TransientError(`${what}: ${message}`, { cause, whose })
}

/** A definite answer of the system under test that is not what it owes to the question. */
function isRefusal(error: unknown): error is RequestError {
  return error instanceof RequestError && error.whose === 'product'
}

function mayNotAskAgain(failure: Error | undefined, again: AskAgain): boolean {
  return again === 'never' || isRefusal(failure) || (again === 'transient' && failure instanceof Unmet)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => throwIfInterrupted(signal))
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new Undetermined('the run was interrupted', 'environment', { cause: signal.reason })
}
