import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ruleSchema } from '../faults/rule.ts'
import { runSeries, schedulesOf } from './schedule.ts'
import { asksOf, describeStrike, type NoiseStrike, rulesOf } from './strike.ts'

const asks = asksOf(['tempo', 'mimir', 'prometheus'])
const schedules = schedulesOf(asks)

const strikesMetrics = (strikes: readonly NoiseStrike[]) => strikes.some(({ ask }) => ask === 'metrics')

test('a schedule strikes each ask for a path at most three times, and never a push', () => {
  for (const strikes of fc.sample(schedules, { seed: 1, numRuns: 50 })) {
    const perAsk = Map.groupBy(strikes, ({ ask }) => ask)
    assert.ok([...perAsk.values()].every(own => own.length <= 3))
    for (const rule of rulesOf(strikes)) assert.equal(rule.when.method, 'GET')
  }
})

test('only what runs is asked, and so struck', () => {
  const places = (systems: Parameters<typeof asksOf>[0]) =>
    new Set(rulesOf(asksOf(systems).map(ask => ({ ask, nth: 0, disturbance: 'connection reset' }))).map(({ at }) => at))
  assert.deepEqual(places(['tempo']), new Set(['tempo.http', 'minio.s3', 'lab.control']))
  assert.deepEqual(places(['mimir']), new Set(['minio.s3', 'lab.control', 'mimir.http']))
})

test('the rules of a schedule are rules that the proxy takes', () => {
  for (const strikes of fc.sample(schedules, { seed: 2, numRuns: 20 })) {
    for (const { do: action, ...rule } of rulesOf(strikes)) {
      // A rule as it is written has its duration as text.
      const written = 'delay' in action ? { delay: `${action.delay} ms` } : action
      assert.ok(ruleSchema.safeParse({ ...rule, do: written }).success, JSON.stringify(rule))
    }
  }
})

test('a series is the same for the same seed', async () => {
  const drawn = async () => {
    const seen: string[] = []
    const failure = await runSeries(
      { seed: 7, runs: 5, asks },
      async strikes => void seen.push(JSON.stringify(strikes)),
      5_000,
    )
    assert.equal(failure, undefined)
    return seen
  }
  assert.deepEqual(await drawn(), await drawn())
})

test('a schedule that fails is made as small as it can be, and is replayed by its path', async () => {
  const fails = async (strikes: readonly NoiseStrike[]) => {
    if (strikesMetrics(strikes)) throw new Error('red')
  }
  const failure = await runSeries({ seed: 3, runs: 20, asks }, fails, 20_000)
  assert.ok(failure !== undefined)
  assert.ok(strikesMetrics(failure.strikes))
  assert.equal(failure.strikes.length, 1, failure.strikes.map(describeStrike).join('\n'))
  assert.match(failure.reason, /red/)
  const again: (readonly NoiseStrike[])[] = []
  const replayed = await runSeries(
    { seed: 3, runs: 20, asks, path: failure.path },
    async strikes => {
      again.push(strikes)
      await fails(strikes)
    },
    20_000,
  )
  assert.ok(failure.strikes.every(strike => again[0]?.some(other => JSON.stringify(other) === JSON.stringify(strike))))
  assert.ok(replayed !== undefined)
})
