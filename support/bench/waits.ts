import { formatDuration } from '../duration.ts'
import type { Figure } from './figure.ts'
import { measureOvershoot, type Overshoot } from './overshoot.ts'

/** How long it takes until the fact is true, and how often that is tried. All of them are waited for side by side. */
const waits = [
  { trueAfterMs: 200, times: 15 },
  { trueAfterMs: 1_000, times: 12 },
  { trueAfterMs: 3_000, times: 6 },
  { trueAfterMs: 8_000, times: 2 },
  { trueAfterMs: 20_000, times: 1 },
] as const
/** Each time a little later, so that the fact becomes true at another moment between two asks. */
const stepShare = 0.0037
const shortWaitMs = 5_000
const longestOvershootMs = 50
const overshootShare = 0.01
/** Of one processor, for each wait and the server that it asks. */
const busiestShare = 0.05

/** How late facts are seen that become true at known moments, and how busy the process is that waits for them. */
export async function measureWaits(signal: AbortSignal): Promise<Figure[]> {
  // What is loaded with the first request is no part of a wait.
  await measureOvershoot(1, signal)
  const usedBefore = process.cpuUsage()
  const measured = await Promise.all(waits.map(async wait => await inTurn(wait, signal)))
  const used = process.cpuUsage(usedBefore)
  const waitedMs = measured.flat().reduce((sum, { trueAfterMs, overshootMs }) => sum + trueAfterMs + overshootMs, 0)
  return [
    ...waits.map(({ trueAfterMs }, index) => figureOf(trueAfterMs, measured[index] ?? [])),
    {
      name: 'processor per wait',
      measured: (used.user + used.system) / 1_000 / waitedMs,
      unit: 'share',
      limit: 'at most',
      bound: busiestShare,
      note: `in them, with the server that each of them asks; ${waits.length} are waited for side by side`,
    },
  ]
}

async function inTurn({ trueAfterMs, times }: (typeof waits)[number], signal: AbortSignal): Promise<Overshoot[]> {
  const overshoots: Overshoot[] = []
  for (let time = 0; time < times; time += 1) {
    overshoots.push(await measureOvershoot(trueAfterMs * (1 + time * stepShare), signal))
  }
  return overshoots
}

function figureOf(trueAfterMs: number, overshoots: readonly Overshoot[]): Figure {
  const latest = overshoots.reduce((left, right) => (right.overshootMs > left.overshootMs ? right : left))
  return {
    name: `seen late, when true after ${formatDuration(trueAfterMs)}`,
    measured: latest.overshootMs,
    unit: 'ms',
    limit: 'at most',
    bound: boundOf(trueAfterMs),
    note: `the latest of ${overshoots.length}, after ${latest.attempts} asks`,
  }
}

/** Milliseconds. */
function boundOf(trueAfterMs: number): number {
  return trueAfterMs < shortWaitMs ? longestOvershootMs : overshootShare * trueAfterMs
}
