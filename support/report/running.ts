import type { Envelope, Pickle, TestCase } from '@cucumber/messages'
import { formatDuration } from '../duration.ts'
import { requirementOf } from '../tags.ts'
import { pickleStepOf } from './collector.ts'
import { idColumns, timeColumns, verdictColumns } from './line.ts'
import { fit, type Style } from './style.ts'

interface Attempt {
  readonly pickle: Pickle
  readonly testCase: TestCase
  /** The text of the step that is at work, and when it began. */
  step: string
  startedAtMs: number
}

/** What a run is at, by its messages; for who watches one that is silent, because it waits. */
export class RunningScenarios {
  readonly #pickles = new Map<string, Pickle>()
  readonly #testCases = new Map<string, TestCase>()
  readonly #attempts = new Map<string, Attempt>()

  receive({ pickle, testCase, testCaseStarted, testStepStarted, testCaseFinished }: Envelope): void {
    if (pickle !== undefined) this.#pickles.set(pickle.id, pickle)
    if (testCase !== undefined) this.#testCases.set(testCase.id, testCase)
    if (testCaseStarted !== undefined) this.#start(testCaseStarted.id, testCaseStarted.testCaseId)
    if (testStepStarted !== undefined) this.#step(testStepStarted.testCaseStartedId, testStepStarted.testStepId)
    if (testCaseFinished !== undefined) this.#attempts.delete(testCaseFinished.testCaseStartedId)
  }

  /** A line for each scenario that runs, with the step that it is at and for how long; the longest first. */
  render({ width, colors }: Style): string[] {
    const oldestFirst = [...this.#attempts.values()].sort((left, right) => left.startedAtMs - right.startedAtMs)
    return oldestFirst.map(({ pickle, step, startedAtMs }) => {
      const id = requirementOf(pickle.tags.map(({ name }) => name)) ?? ''
      const head = `${'running'.padEnd(verdictColumns)}  ${id.padEnd(idColumns)}`
      const time = formatDuration(performance.now() - startedAtMs).padStart(timeColumns)
      const room = Math.max(0, width - head.length - time.length - 4)
      return colors.dim(fit(`${head}  ${fit(step, room).padEnd(room)}  ${time}`, width))
    })
  }

  #start(id: string, testCaseId: string): void {
    const testCase = this.#testCases.get(testCaseId)
    const pickle = this.#pickles.get(testCase?.pickleId ?? '')
    if (testCase === undefined || pickle === undefined) return
    this.#attempts.set(id, { pickle, testCase, startedAtMs: performance.now(), step: pickle.name })
  }

  #step(id: string, testStepId: string): void {
    const attempt = this.#attempts.get(id)
    if (attempt === undefined) return
    const text = pickleStepOf(attempt, testStepId)?.text
    if (text !== undefined) Object.assign(attempt, { step: text, startedAtMs: performance.now() })
  }
}

const firstMs = 30_000
const longestMs = 10 * 60_000

/** Speaks up when nothing was said for half a minute, then ever more rarely; until it is ended. */
export class SilenceBreaker {
  readonly #speak: () => void
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(speak: () => void) {
    this.#speak = speak
    this.heard()
  }

  /** Something was said. */
  heard(): void {
    this.#arm(firstMs)
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  #arm(pauseMs: number): void {
    clearTimeout(this.#timer)
    if (this.#ended) return
    // biome-ignore lint/style/noRestrictedGlobals: nothing waits for it; it tells of waits.
    this.#timer = setTimeout(() => {
      this.#speak()
      this.#arm(Math.min(2 * pauseMs, longestMs))
    }, pauseMs)
    this.#timer.unref()
  }
}
