import fc from 'fast-check'
import { describeError } from '../errors.ts'
import { type Ask, type Disturbance, disturbances, type NoiseStrike } from './strike.ts'

/** Among the first few asks of each path: later ones are rare, and noise that strikes nothing proves nothing. */
const latest = 3
const fewest = 1
/** For each ask, on the average: more would be more than a path is to suffer. */
const mostPerAsk = 2
/** However unlucky a path is, an ask within one second gets through. */
const mostOfOneAsk = 3

/**
 * Schedules of noise that strikes these asks, as fast-check draws and shrinks them: no ask of a path is struck twice,
 * nor a path too often.
 */
export function schedulesOf(struck: readonly Ask[]): fc.Arbitrary<NoiseStrike[]> {
  return fc
    .uniqueArray(
      fc.record({
        ask: fc.constantFrom(...struck),
        nth: fc.nat({ max: latest }),
        disturbance: fc.constantFrom(...(Object.keys(disturbances) as Disturbance[])),
      }),
      {
        minLength: fewest,
        maxLength: mostPerAsk * struck.length,
        size: 'max',
        selector: ({ ask, nth }) => `${ask} ${nth}`,
      },
    )
    .filter(strikes => [...Map.groupBy(strikes, ({ ask }) => ask).values()].every(own => own.length <= mostOfOneAsk))
}

export interface NoiseSeries {
  readonly seed: number
  readonly runs: number
  /** What is struck; the same seed gives the same schedules for the same asks. */
  readonly asks: readonly Ask[]
  /** Replays one schedule of a series, as a failure tells it; undefined: all. */
  readonly path?: string
}

export interface NoiseFailure {
  /** The smallest schedule found that still fails. */
  readonly strikes: readonly NoiseStrike[]
  readonly path: string
  readonly reason: string
}

/**
 * Runs `quiet` under each schedule of a series, which is the same for the same seed. The first schedule under which it
 * throws is made smaller for as long as it still does.
 * @param withinMs shrinking is given up after that time, with the smallest schedule found so far
 */
export async function runSeries(
  { seed, runs, asks, path }: NoiseSeries,
  quiet: (strikes: readonly NoiseStrike[]) => Promise<void>,
  withinMs: number,
): Promise<NoiseFailure | undefined> {
  const details = await fc.check(fc.asyncProperty(schedulesOf(asks), quiet), {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: withinMs,
    ...(path === undefined ? {} : { path }),
  })
  if (!details.failed || details.counterexample === null) return undefined
  const [strikes] = details.counterexample
  const reason = describeError(details.errorInstance)
  return { strikes: await withoutIdle(strikes, quiet), path: details.counterexamplePath ?? '', reason }
}

/** Leaves out what it does not take to fail, one strike after the other: the library stops a little earlier. */
async function withoutIdle(
  strikes: readonly NoiseStrike[],
  quiet: (strikes: readonly NoiseStrike[]) => Promise<void>,
): Promise<readonly NoiseStrike[]> {
  let needed = strikes
  for (const strike of strikes) {
    const fewer = needed.filter(other => other !== strike)
    const fails = await quiet(fewer).then(
      () => false,
      () => true,
    )
    if (fewer.length > 0 && fails) needed = fewer
  }
  return needed
}
