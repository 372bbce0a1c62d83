import { isDefect, RequestError, TransientError, Unmet } from '../../support/errors.ts'
import { now, steadily } from '../../support/eventually.ts'
import type { Run } from '../../support/run.ts'
import type { Keeper, Mark } from '../keepers/keeper.ts'
import type { Acknowledged, Sent } from '../sent.ts'

const intervalMs = 100
const longestQueryMs = 5_000

/** What a writer and a reader met with who went on through a disruption. */
export interface Traffic<Kind extends Sent> {
  readonly acknowledged: readonly Acknowledged<Kind>[]
  readonly refused: readonly Kind[]
  /** Times without a successful push, and without a successful query, at the longest. Milliseconds. */
  readonly longestWithoutPushMs: number
  readonly longestWithoutQueryMs: number
  /** Answers to a query for what was sent before the disruption that lacked it or part of it. */
  readonly incompleteAnswers: number
}

/** Writer and reader at work. Released without having been stopped, they end, and what they met with is of no interest. */
export interface RunningTraffic<Kind extends Sent> extends AsyncDisposable {
  stop(): Promise<Traffic<Kind>>
}

/** Writer and reader, until they are stopped. The reader asks for what the system had before. */
export function startTraffic<Kind extends Sent, Stored>(
  run: Run,
  keeper: Keeper<Kind, Stored>,
  mark: Mark,
  known: Kind,
): RunningTraffic<Kind> {
  const controller = new AbortController()
  const signal = AbortSignal.any([run.signal, controller.signal])
  const pushes: Kind[] = []
  const pushGaps = gaps()
  const queryGaps = gaps()
  let incompleteAnswers = 0

  const writer = steadily(intervalMs, signal, async () => {
    const sent = await keeper.send(run, mark)
    pushes.push(sent)
    if (sent.acknowledgedAt !== undefined) pushGaps.success()
  })
  const { ask, expect } = keeper.answers(run, known)
  const reader = steadily(intervalMs, signal, async () => {
    try {
      const answer = await ask(AbortSignal.any([signal, AbortSignal.timeout(longestQueryMs)]))
      try {
        expect(answer.value)
        queryGaps.success()
      } catch (error) {
        if (!(error instanceof Unmet)) throw error
        incompleteAnswers += 1
      }
    } catch (error) {
      const endedByUs = signal.aborted && !isDefect(error)
      if (!(error instanceof TransientError || error instanceof RequestError || endedByUs)) throw error
    }
  })
  const both = Promise.all([writer, reader])
  // A defect of the suite is told when the traffic is stopped, not as an error that nobody awaits.
  both.catch(() => undefined)
  return {
    async stop() {
      controller.abort()
      await both
      return {
        acknowledged: pushes.flatMap(sent =>
          sent.acknowledgedAt === undefined ? [] : [{ ...sent, acknowledgedAt: sent.acknowledgedAt }],
        ),
        refused: pushes.filter(sent => sent.acknowledgedAt === undefined),
        longestWithoutPushMs: pushGaps.longest(),
        longestWithoutQueryMs: queryGaps.longest(),
        incompleteAnswers,
      }
    },
    async [Symbol.asyncDispose]() {
      controller.abort()
      await both.catch(() => undefined)
    },
  }
}

/** Measures the longest time between two successes, the end counted as one. */
function gaps(): { success(): void; longest(): number } {
  let last = now().monotonicMs
  let longest = 0
  const success = () => {
    const at = performance.now()
    longest = Math.max(longest, at - last)
    last = at
  }
  return {
    success,
    longest: () => {
      success()
      return longest
    },
  }
}
