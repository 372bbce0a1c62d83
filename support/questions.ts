import { Unmet } from './errors.ts'
import type { Question } from './eventually.ts'

/** For each of many facts: on a busy machine one ask takes over a second. */
const patienceEachMs = 5_000
const shortestPatienceMs = 60_000

/**
 * One question for many facts, which are asked for one after the other, so that many facts do not mean many requests at
 * once. An ask goes on from the first fact that was not true yet, up to the next that is not: what it says of that one is
 * told, and what has been seen is not asked again. It is met when all of them have been.
 * @throws RangeError where there is no fact
 */
export function inTurn<T>(questions: readonly Question<T>[]): Question<Unmet | undefined> {
  if (questions.length === 0) throw new RangeError('a question about no fact at all proves nothing')
  let met = 0
  return {
    ask: async signal => {
      const startedAt = performance.now()
      let request = ''
      for (const [index, question] of questions.entries()) {
        if (index < met) continue
        const answer = await question.ask(signal)
        request = answer.request
        try {
          question.expect(answer.value)
        } catch (error) {
          if (!(error instanceof Unmet)) throw error
          return { request, elapsedMs: performance.now() - startedAt, value: error }
        }
        // An earlier ask that was given up may still be on its way.
        met = Math.max(met, index + 1)
      }
      return { request, elapsedMs: performance.now() - startedAt, value: undefined }
    },
    expect: why => {
      if (why !== undefined) throw why
    },
  }
}

/** How long so many facts are waited for that are asked for in turn, where no deadline says it. */
export function patienceInTurnMs(facts: number): number {
  return Math.max(shortestPatienceMs, patienceEachMs * facts)
}
