import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotApplicable, RequestError, TransientError, Undetermined, Unmet } from './errors.ts'
import { eventually, NotSeen, now, type Question, steadily, throughout } from './eventually.ts'

const never = new AbortController().signal

/** A question whose answer is the number of the ask, and an expectation that accepts from one ask on. */
function counting(acceptedFrom: number): Question<number> & { asked(): number } {
  let count = 0
  return {
    asked: () => count,
    ask: async () => ({ request: `ask ${++count}`, elapsedMs: 0, value: count }),
    expect: value => {
      if (value < acceptedFrom) throw new Unmet(`only ${value}`)
    },
  }
}

test('a fact that becomes true is seen, with the number of asks and the time since the event', async () => {
  const since = now()
  const seen = await eventually(counting(3), { deadlineMs: 2_000, since, signal: never })
  assert.equal(seen.value, 3)
  assert.equal(seen.attempts, 3)
  assert.ok(seen.timeToTrueMs >= 50, 'two pauses of 25 ms lie between three asks')
  assert.ok(seen.uncertaintyMs <= seen.timeToTrueMs)
  assert.equal(seen.request, 'ask 3')
})

test('a fact that never becomes true ends with the first and the last answer', async () => {
  const missed = await eventually(counting(Infinity), { deadlineMs: 200, since: now(), signal: never }).catch(
    error => error,
  )
  assert.ok(missed instanceof NotSeen)
  assert.ok(missed.attempts >= 3)
  assert.equal(missed.first, 'only 1')
  assert.equal(missed.last, `only ${missed.attempts}`)
  assert.equal(missed.unanswered, false)
})

test('the deadline counts from the event, not from the first ask', async () => {
  const since = { monotonicMs: performance.now() - 150, wallTime: new Date() }
  const begun = performance.now()
  await assert.rejects(eventually(counting(Infinity), { deadlineMs: 250, since, signal: never }), NotSeen)
  assert.ok(performance.now() - begun < 150)
})

test('an answer that comes after the deadline does not count', async () => {
  const late: Question<string> = {
    ask: signal =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve({ request: 'late', elapsedMs: 300, value: 'right' }), 300)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(signal.reason)
        })
      }),
    expect: () => undefined,
  }
  const missed = await eventually(late, { deadlineMs: 100, since: now(), signal: never }).catch(error => error)
  assert.ok(missed instanceof NotSeen)
  assert.equal(missed.unanswered, true)
})

test('a question that ignores its signal does not hold up the wait', async () => {
  const deaf: Question<never> = { ask: () => new Promise(() => undefined), expect: () => undefined }
  const begun = performance.now()
  await assert.rejects(eventually(deaf, { deadlineMs: 100, since: now(), signal: never }), NotSeen)
  assert.ok(performance.now() - begun < 1_000)
})

test('a failed request is asked again, and told as unanswered when it never gets better', async () => {
  const refused: Question<never> = {
    ask: () => Promise.reject(new TransientError('GET / : refused')),
    expect: () => undefined,
  }
  const missed = await eventually(refused, { deadlineMs: 120, since: now(), signal: never }).catch(error => error)
  assert.ok(missed instanceof NotSeen)
  assert.ok(missed.attempts > 1)
  assert.equal(missed.unanswered, true)
})

/** Fails so at the first ask, and would be right at the second. */
function failingOnce(error: Error): Question<number> & { asked(): number } {
  const question = counting(2)
  return {
    ...question,
    ask: async signal => {
      const answer = await question.ask(signal)
      if (answer.value === 1) throw error
      return answer
    },
  }
}

test('a definite answer of the product that the question does not allow ends the wait, and is what was seen', async () => {
  const question = failingOnce(new RequestError('GET / : 400', { whose: 'product' }))
  const missed = await eventually(question, { deadlineMs: 1_000, since: now(), signal: never }).catch(error => error)
  assert.ok(missed instanceof NotSeen)
  assert.deepEqual([missed.last, missed.attempts, missed.refused, missed.unanswered], ['GET / : 400', 1, true, false])
  const watched = { ...question, ...failingOnce(new RequestError('GET / : 400', { whose: 'product' })) }
  await assert.rejects(
    throughout(() => undefined, watched, { deadlineMs: 500, since: now(), signal: never }),
    (error: NotSeen) => error instanceof NotSeen && error.refused,
  )
})

/** Hangs until its signal ends it, and then fails in this way. */
function hanging(error: () => Error): Question<never> {
  return {
    ask: signal => new Promise((_, reject) => signal.addEventListener('abort', () => reject(error()))),
    expect: () => undefined,
  }
}

test('an ask that hangs tells what was asked, and whom', async () => {
  const wait = { deadlineMs: 60, since: now(), signal: never }
  const storage = hanging(() => new TransientError('LIST traces: no answer in time', { whose: 'environment' }))
  const missed = await eventually(storage, wait).catch(error => error)
  assert.ok(missed instanceof NotSeen)
  assert.match(missed.last, /^no answer within \d+ ms: LIST traces: no answer in time$/)
  assert.deepEqual([missed.unanswered, missed.othersFailed], [true, true])
  const system = await eventually(
    hanging(() => new TransientError('GET /')),
    { ...wait, since: now() },
  ).catch(error => error)
  assert.equal(system.othersFailed, false)
})

test('a defect that shows itself when the time of an ask is over is no silence', async () => {
  const wait = { deadlineMs: 60, since: now(), signal: never }
  await assert.rejects(
    eventually(
      hanging(() => new TypeError('a defect')),
      wait,
    ),
    TypeError,
  )
})

test('an answer that others gave, and a defect, end the wait at once', async () => {
  for (const error of [new RequestError('401'), new TypeError('a defect')]) {
    let asks = 0
    const failing: Question<never> = {
      ask: () => {
        asks += 1
        return Promise.reject(error)
      },
      expect: () => undefined,
    }
    await assert.rejects(eventually(failing, { deadlineMs: 1_000, since: now(), signal: never }), error)
    assert.equal(asks, 1)
  }
})

test('a push is made once, and a first answer is judged once', async () => {
  for (const again of ['never', 'transient'] as const) {
    const question = counting(2)
    await assert.rejects(eventually(question, { deadlineMs: 500, since: now(), signal: never, again }), NotSeen)
    assert.equal(question.asked(), 1)
  }
})

test('the last look is close to the deadline', async () => {
  const since = now()
  const turnsTrueAt = since.monotonicMs + 900
  const question: Question<number> = {
    ask: async () => ({ request: 'look', elapsedMs: 0, value: performance.now() }),
    expect: at => {
      if (at < turnsTrueAt) throw new Unmet('not yet')
    },
  }
  const seen = await eventually(question, { deadlineMs: 1_000, since, signal: never })
  assert.ok(seen.timeToTrueMs >= 900 && seen.timeToTrueMs < 1_000)
})

test('an interrupted wait is undetermined', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 60)
  await assert.rejects(
    eventually(counting(Infinity), { deadlineMs: 5_000, since: now(), signal: controller.signal }),
    Undetermined,
  )
})

test('what holds throughout is asked until the window ends', async () => {
  const question = counting(0)
  const begun = performance.now()
  await throughout(() => undefined, question, { deadlineMs: 150, since: now(), signal: never })
  assert.ok(performance.now() - begun >= 150)
  assert.ok(question.asked() >= 4)
})

test('a single breach in the window is enough', async () => {
  const breach: Question<number> = {
    ...counting(0),
    expect: value => {
      if (value === 3) throw new Unmet('breach')
    },
  }
  await assert.rejects(
    throughout(() => undefined, breach, { deadlineMs: 500, since: now(), signal: never }),
    { message: 'breach' },
  )
})

test('an absence that could not have been seen is not accepted', async () => {
  const blind = () => {
    throw new Unmet('the control sees nothing')
  }
  await assert.rejects(throughout(blind, counting(0), { deadlineMs: 50, since: now(), signal: never }), Undetermined)
})

test('a window is not broken by requests that fail in passing', async () => {
  const question = failingOnce(new TransientError('reset'))
  await throughout(
    () => undefined,
    { ...question, expect: () => undefined },
    { deadlineMs: 150, since: now(), signal: never },
  )
  assert.ok(question.asked() > 2)
})

test('a control that fails says whose failure it is', async () => {
  const wait = { deadlineMs: 50, since: now(), signal: never }
  const failures = [
    [new Unmet('blind'), 'harness'],
    [new TransientError('reset'), 'environment'],
    [new RequestError('401'), 'environment'],
    [new Undetermined('does not answer', 'environment'), 'environment'],
  ] as const
  for (const [failure, fault] of failures) {
    await assert.rejects(
      throughout(() => Promise.reject(failure), counting(0), wait),
      (error: Undetermined) => error instanceof Undetermined && error.fault === fault,
    )
  }
  for (const failure of [new NotApplicable('it has none'), new TypeError('a defect')]) {
    await assert.rejects(
      throughout(() => Promise.reject(failure), counting(0), wait),
      (error: unknown) => error === failure,
    )
  }
})

test('a window in which nothing was answered proves nothing', async () => {
  const silent: Question<never> = { ask: () => Promise.reject(new TransientError('refused')), expect: () => undefined }
  await assert.rejects(
    throughout(() => undefined, silent, { deadlineMs: 100, since: now(), signal: never }),
    NotSeen,
  )
})

test('a steady pace does not drift with the time that a turn takes', async () => {
  const controller = new AbortController()
  const begun = performance.now()
  const at: number[] = []
  await steadily(20, controller.signal, async turn => {
    at.push(performance.now() - begun)
    if (turn === 9) controller.abort()
  })
  assert.equal(at.length, 10)
  assert.ok((at[9] as number) >= 175, 'nine intervals of 20 ms')
})
