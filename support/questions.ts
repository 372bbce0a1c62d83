import { Unmet } from './errors.ts'
import type { Question } from './eventually.ts'

/**
 * One question for many facts: those that are not true yet are asked for one after the other, so that many facts do not
 * mean many requests at once. It is met when all of them have been.
 * @throws RangeError where there is no fact
 */
export function inTurn<T>(questions: readonly Question<T>[]): Question<Unmet | undefined> {
  if (questions.length === 0) throw new RangeError('a question about no fact at all proves nothing')
  let open = questions
  return {
    ask: async signal => {
      const startedAt = performance.now()
      const unmet: { readonly question: Question<T>; readonly request: string; readonly why: Unmet }[] = []
      let request = ''
      for (const [index, question] of open.entries()) {
        const answer = await question.ask(signal).catch((error: unknown) => {
          // What has been seen need not be asked again when the others are.
          open = [...unmet.map(one => one.question), ...open.slice(index)]
          throw error
        })
        request = answer.request
        try {
          question.expect(answer.value)
        } catch (error) {
          if (!(error instanceof Unmet)) throw error
          unmet.push({ question, request, why: error })
        }
      }
      open = unmet.map(({ question }) => question)
      const [first] = unmet
      const why =
        first &&
        new Unmet(
          unmet.length === 1
            ? first.why.message
            : `${unmet.length} of ${questions.length} like this: ${first.why.message}`,
        )
      return { request: first?.request ?? request, elapsedMs: performance.now() - startedAt, value: why }
    },
    expect: why => {
      if (why !== undefined) throw why
    },
  }
}
