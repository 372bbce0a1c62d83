import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CameTrue, Deadlines } from './deadlines.ts'
import { NotApplicable, RequestError, TransientError, Undetermined, Unmet } from './errors.ts'
import { NotSeen, now, type Question } from './eventually.ts'
import { learn, learnOf, prepare, waitAtMost } from './prepare.ts'
import type { Run } from './run.ts'

/** A run that gives every wait so long, and keeps what it was told. */
function runWith(ms: number): { run: Run; asked: [string, number][]; told: CameTrue[] } {
  const asked: [string, number][] = []
  const told: CameTrue[] = []
  const deadlines: Deadlines = {
    waitMs: (key, originalMs) => {
      asked.push([key, originalMs])
      return ms
    },
    cameTrue: wait => void told.push(wait),
  }
  return { run: { deadlines, signal: new AbortController().signal } as unknown as Run, asked, told }
}

/** Fails in these ways, one after the other, and then answers. */
function failing(...errors: readonly Error[]): Question<string> & { asked(): number } {
  let asked = 0
  return {
    asked: () => asked,
    ask: async () => {
      const error = errors[asked++]
      if (error !== undefined) throw error
      return { request: `ask ${asked}`, elapsedMs: 0, value: 'fine' }
    },
    expect: () => undefined,
  }
}

const noise = [new TransientError('reset'), new TransientError('503')]

test('what is learned survives requests that fail in passing', async () => {
  const { run, told } = runWith(5_000)
  const { ask, asked } = failing(...noise)
  assert.equal(await learn(run, 'the configuration', ask), 'fine')
  assert.equal(asked(), 3)
  assert.equal((await learnOf(run, 'the configuration', failing().ask)).request, 'ask 1')
  assert.deepEqual(
    told.map(({ key, kind, request }) => [key, kind, request]),
    [
      ['the configuration cannot be learned', 'preparation', 'ask 3'],
      ['the configuration cannot be learned', 'preparation', 'ask 1'],
    ],
  )
})

test('each wait is asked for its own time, by its name', async () => {
  const { run, asked, told } = runWith(1_500)
  await prepare(run, 'Tempo is not ready', failing(), { deadlineMs: 7_000 })
  await waitAtMost(run, 'restart: ready again', failing(), { deadlineMs: 9_000 })
  assert.deepEqual(asked, [
    ['Tempo is not ready', 7_000],
    ['restart: ready again', 9_000],
  ])
  assert.deepEqual(
    told.map(({ originalMs }) => originalMs),
    [7_000, 9_000],
  )
  assert.ok(told.every(({ tookMs }) => tookMs >= 0 && tookMs < 1_500))
})

test('a preparation that fails decides nothing, whoever failed', async () => {
  const never: Question<string> = {
    ...failing(),
    expect: () => {
      throw new Unmet('3 of 4 spans')
    },
  }
  const { run, told } = runWith(100)
  const failures: [Question<string>, RegExp][] = [
    [never, /^it is not ready: last 3 of 4 spans$/],
    [failing(new RequestError('GET / : 400', { whose: 'product' })), /^it is not ready: last GET \/ : 400$/],
    [failing(new RequestError('GET / : 401')), /^it is not ready: GET \/ : 401$/],
  ]
  for (const [question, message] of failures) {
    await assert.rejects(prepare(run, 'it is not ready', question), (error: unknown) => {
      assert.ok(error instanceof Undetermined)
      assert.equal(error.fault, 'environment')
      assert.match(error.message, message)
      return true
    })
  }
  assert.deepEqual(told, [])
})

test('a defect, and what the target lacks, are not made to look like something else', async () => {
  const { run } = runWith(1_000)
  for (const error of [new TypeError('a defect'), new NotApplicable('it has none')]) {
    const same = (thrown: unknown) => thrown === error
    await assert.rejects(prepare(run, 'it is not ready', failing(error)), same)
    await assert.rejects(learn(run, 'it', failing(error).ask), same)
    await assert.rejects(waitAtMost(run, 'it', failing(error), {}), same)
  }
})

test('what does not come is told with what was seen instead', async () => {
  const { run } = runWith(60)
  const absent: Question<string> = {
    ...failing(),
    expect: () => {
      throw new Unmet('not ready')
    },
  }
  const missed = await waitAtMost(run, 'ready', absent, {})
  assert.ok(missed instanceof NotSeen)
  assert.equal(missed.last, 'not ready')
  const refused = await waitAtMost(run, 'ready', failing(new RequestError('<html>', { whose: 'product' })), {})
  assert.ok(refused instanceof NotSeen)
  assert.deepEqual([refused.refused, refused.last], [true, '<html>'])
})

test('time that was used up by what came before still allows for a look', async () => {
  const { run } = runWith(50)
  const since = { monotonicMs: now().monotonicMs - 10_000, wallTime: new Date() }
  assert.equal((await prepare(run, 'it is not ready', failing(), { since })).value, 'fine')
  const seen = await waitAtMost(run, 'ready', failing(), { since })
  assert.ok(!(seen instanceof NotSeen))
  assert.ok(seen.timeToTrueMs >= 10_000)
})
