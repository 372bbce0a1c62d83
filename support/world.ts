import { randomBytes } from 'node:crypto'
import { World } from '@cucumber/cucumber'
import { type WaitKind, windowKey } from './deadlines.ts'
import { formatDuration } from './duration.ts'
import { NotApplicable, Undetermined, Unmet, Violation } from './errors.ts'
import {
  type AskAgain,
  eventually,
  type Moment,
  NotSeen,
  now,
  type Question,
  type Seen,
  throughout,
} from './eventually.ts'
import { type Awaited, explain, notSeen, satisfied, undecided, worstOf } from './judgement.ts'
import { type Observation, observationMediaType } from './observation.ts'
import { currentRun, type Run } from './run.ts'
import { redact } from './secret.ts'
import { troublesAround } from './surroundings.ts'
import type { SystemName } from './system-names.ts'

/** How long a fact is awaited whose requirement names no deadline. */
const usualPatienceMs = 60_000
/** How long a second opinion is asked for when the first is settled. */
const shortPatienceMs = 5_000

/** What the hooks tell a scenario about itself. */
export interface ScenarioContext {
  readonly requirement: string
  /** Its name, with the values of its row filled in. */
  readonly scenario: string
  /** The systems whose promise it is, from the tags of its Feature. */
  readonly systems: readonly SystemName[]
}

/** When an awaited fact must be true. */
export interface Expected {
  /** Milliseconds, as the requirement says; without it the suite's own patience ends the wait, and is no deadline. */
  readonly deadlineMs?: number | undefined
  /** The event that the deadline counts from; default: now. */
  readonly since?: Moment | undefined
  /** That event in words, such as `the acknowledgement`. */
  readonly after: string
  readonly again?: AskAgain
  /** How long is waited where there is no deadline; default: the suite's patience of 1 minute. */
  readonly patienceMs?: number
}

/** Something that was recorded while the scenario did something else. */
export interface Recorded {
  readonly request?: string
  /** From the event that the deadline counts from, in milliseconds. */
  readonly timeToTrueMs?: number
  /** @throws Unmet where it is not what was promised; TransientError where nothing was answered */
  check(): void
}

/** One scenario's view of the run: what it may wait for, and how it tells what it saw. */
export class AcceptanceWorld extends World {
  readonly run: Run = currentRun()
  /** Marks this scenario's data, together with the run's id. */
  readonly probe: { readonly run: string; readonly scenario: string } = {
    run: this.run.runId,
    scenario: randomBytes(4).toString('hex'),
  }
  context: ScenarioContext = { requirement: 'unknown', scenario: '', systems: [] }
  readonly begunAt = new Date()
  /** The step that runs now, in the words of the feature. */
  step = ''
  readonly #undo: (() => Promise<void>)[] = []
  readonly #notes: string[] = []

  get signal(): AbortSignal {
    return this.run.signal
  }

  /** Waits for a fact that the requirement promises. @throws Violation or Undetermined where it does not come true */
  async eventually<T>(expected: Expected, question: Question<T>): Promise<Seen<T>> {
    const [seen] = await this.eventuallyAll(expected, [question])
    return seen as Seen<T>
  }

  /** Waits for several facts side by side, each with the same deadline; the worst of them is what was observed. */
  async eventuallyAll<T>(expected: Expected, questions: readonly Question<T>[]): Promise<Seen<T>[]> {
    const awaited = this.#awaited(expected)
    const wait = {
      deadlineMs: awaited.waitedMs,
      since: expected.since ?? now(),
      signal: this.signal,
      again: expected.again ?? 'unmet',
    }
    return await this.#decide(
      awaited,
      questions.map(question => eventually(question, wait)),
    )
  }

  /** Watches that something stays true for a while; `control` proves that a breach would be noticed. */
  async throughout<T>(windowMs: number, control: () => void | Promise<void>, question: Question<T>): Promise<void> {
    // A step may judge something before it watches: the two are different waits.
    const awaited = this.#awaited({ patienceMs: windowMs, after: 'the beginning of the watch' }, windowKey)
    const wait = { deadlineMs: awaited.waitedMs, since: now(), signal: this.signal }
    await this.#decide(awaited, [throughout(control, question, wait)], 'window')
  }

  /**
   * Waits for a fact that two independent readers must see. The first one stops the clock; where the second does not
   * come to agree, one of them is wrong, and nothing is decided. What cannot be read at all is no other opinion.
   */
  async eventuallySeenByTwo<T, U>(
    expected: Expected,
    first: Question<T>,
    second: Question<U>,
    secondPatienceMs: number,
  ): Promise<void> {
    const awaited = this.#awaited(expected)
    const wait = { deadlineMs: awaited.waitedMs, since: expected.since ?? now(), signal: this.signal }
    const agreed = eventually(first, wait).then(
      async seen => {
        const missed = await this.#missed(awaited, second, secondPatienceMs)
        if (missed === undefined) return seen
        if (missed.refused) throw missed
        throw new Undetermined(
          `two readers disagree: ${seen.request} shows it, but not ${missed.request ?? 'the other'}: ${missed.last}`,
          'harness',
        )
      },
      async error => {
        if (!(error instanceof NotSeen) || error.refused) throw error
        if ((await this.#missed(awaited, second, shortPatienceMs)) !== undefined) throw error
        // What came after the deadline is seen by both.
        if ((await this.#missed(awaited, first, shortPatienceMs, 'once more')) === undefined) throw error
        throw new Undetermined(
          `two readers disagree: only the second sees it; the first last said: ${error.last}`,
          'harness',
        )
      },
    )
    await this.#decide(awaited, [agreed])
  }

  /** Judges what was recorded before, all of it at once; the worst of it is what was observed. */
  async judge(expected: Expected, recorded: readonly Recorded[]): Promise<void> {
    const awaited = this.#awaited(expected)
    const wait = { deadlineMs: usualPatienceMs, since: now(), signal: this.signal, again: 'never' as const }
    const judged = recorded.map(async ({ request = '', timeToTrueMs = 0, check }) => {
      const ask = async () => {
        check()
        if (timeToTrueMs > (awaited.deadlineMs ?? Number.POSITIVE_INFINITY))
          throw new Unmet(`it took ${formatDuration(timeToTrueMs)}`)
        return { request, elapsedMs: timeToTrueMs, value: undefined }
      }
      const seen = await eventually({ ask, expect: () => undefined }, wait)
      return { ...seen, timeToTrueMs, uncertaintyMs: 0 }
    })
    await this.#decide(awaited, judged)
  }

  /** Tells something that is not judged, together with the next observation. */
  note(text: string): void {
    this.#notes.push(text)
  }

  observe(observation: Observation): void {
    const notes = this.#notes.splice(0)
    const told = notes.length === 0 ? observation : { ...observation, notes }
    const body = JSON.stringify(told, (_, value) => (typeof value === 'string' ? redact(value) : value))
    this.attach(body, { mediaType: observationMediaType, fileName: 'observation.json' })
  }

  /** Turns whatever a step threw into an observation, unless it is one already. */
  observeError(error: unknown): void {
    if (error instanceof Violation || error instanceof ObservedError) return
    const awaited = this.#awaited({ after: 'the step' })
    if (error instanceof NotApplicable) {
      this.observe({ ...undecided(awaited, error), outcome: 'not applicable', fault: null, message: error.message })
    } else this.observe(undecided(awaited, error))
  }

  /** What must be put back when the scenario ends, however it ends; the last first. */
  defer(undo: () => Promise<void>): void {
    this.#undo.push(undo)
  }

  /** Puts everything back. All is tried; what failed stays in the undo journal. */
  async putBack(): Promise<unknown[]> {
    const failures: unknown[] = []
    for (const undo of this.#undo.splice(0).reverse()) await undo().catch(error => failures.push(error))
    return failures
  }

  /** Undefined where it was seen. */
  async #missed(
    { key }: Awaited,
    question: Question<unknown>,
    originalMs: number,
    which = 'second reader',
  ): Promise<NotSeen | undefined> {
    const { deadlines } = this.run
    const ownKey = `${key} | ${which}`
    try {
      const deadlineMs = deadlines.waitMs(ownKey, originalMs)
      const seen = await eventually(question, { deadlineMs, since: now(), signal: this.signal })
      const { timeToTrueMs: tookMs, request } = seen
      deadlines.cameTrue({ key: ownKey, kind: 'preparation', originalMs, tookMs, request })
      return undefined
    } catch (error) {
      if (error instanceof NotSeen) return error
      throw error
    }
  }

  #awaited({ deadlineMs, after, patienceMs = usualPatienceMs }: Expected, keyOf = (step: string) => step): Awaited {
    const { requirement, scenario } = this.context
    const key = keyOf(`${requirement} | ${scenario} | ${this.step}`)
    const originalMs = deadlineMs ?? patienceMs
    const waitedMs = this.run.deadlines.waitMs(key, originalMs)
    const scaled = deadlineMs === undefined ? null : waitedMs
    return { requirement, fact: this.step, key, originalMs, deadlineMs: scaled, waitedMs, after }
  }

  async #decide<T>(
    awaited: Awaited,
    waits: readonly Promise<Seen<T>>[],
    kind: WaitKind = awaited.deadlineMs === null ? 'patience' : 'deadline',
  ): Promise<Seen<T>[]> {
    const results = await Promise.allSettled(waits)
    for (const result of results) if (result.status === 'fulfilled') this.#cameTrue(awaited, kind, result.value)
    const observations = await Promise.all(results.map(result => this.#observationOf(awaited, result)))
    const [first, ...rest] = observations
    if (first === undefined) throw new Undetermined('nothing was asked', 'harness')
    const worst = worstOf([first, ...rest])
    // What an ask found out to be missing here is observed with the error.
    const missing = results.find(result => result.status === 'rejected' && result.reason instanceof NotApplicable)
    if (missing?.status === 'rejected' && worst.outcome !== 'violated') throw missing.reason
    this.observe(worst)
    if (worst.outcome === 'violated') throw new Violation(redact(explain(worst)))
    if (worst.outcome !== 'satisfied')
      throw new ObservedError(redact(explain(worst)), worst.fault === 'harness' ? 'harness' : 'environment')
    return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  }

  #cameTrue({ key, originalMs }: Awaited, kind: WaitKind, { timeToTrueMs: tookMs, request }: Seen<unknown>): void {
    this.run.deadlines.cameTrue({ key, kind, originalMs, tookMs, ...(request === '' ? {} : { request }) })
  }

  async #observationOf(awaited: Awaited, result: PromiseSettledResult<Seen<unknown>>): Promise<Observation> {
    if (result.status === 'fulfilled') return satisfied(awaited, result.value)
    const { reason } = result
    if (!(reason instanceof NotSeen)) return undecided(awaited, reason)
    const troubles = await troublesAround(this.run, this.context.systems[0], this.begunAt, reason)
    return notSeen(awaited, reason, troubles)
  }
}

/** Undetermined, and already told to the report. */
class ObservedError extends Undetermined {}
