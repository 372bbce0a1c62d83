import type { MeasuredWait } from './waits.ts'

/** What a fault needs besides what was measured. */
interface Needs {
  /** Windows in which something must stay true are left as long as they are. */
  readonly wholeWindows?: boolean
  /** Preparations get so much more; milliseconds. */
  readonly slackMs?: number
  /** Ids of requirements that are expected to be green, so that their waits need not be that short. */
  readonly green?: ReadonlySet<string>
  /** So many times what was measured, where it is not three. */
  readonly times?: number
}

/** No window in which something must stay true is made shorter than this. */
export const shortestWindowMs = 2_000
/** No wait is made shorter than this, whatever was measured. Milliseconds. */
const shortestMs = { deadline: 1_000, patience: 1_000, preparation: 5_000, window: shortestWindowMs } as const
/** What may take hours waits for a system's own rounds, in which luck decides how soon it comes: it has a thousandth of that at least. */
const shareOfOriginal = 1 / 1_000
const timesMeasured = 3
/** What should come true costs no more when it is given more time. */
const shortestGreenMs = 10_000

/**
 * How long each wait lasts under faults: so long that what comes in time without a fault still does, and so short that a
 * red scenario costs seconds. By key, milliseconds.
 */
export function scaledLengths(waits: Iterable<MeasuredWait>, needs: Needs = {}): Record<string, number> {
  return Object.fromEntries([...waits].map(wait => [wait.key, scaledLength(wait, needs)]))
}

function scaledLength(
  { key, kind, originalMs, longestMs }: MeasuredWait,
  { wholeWindows = false, slackMs = 0, green, times = timesMeasured }: Needs,
): number {
  if (kind === 'window') return wholeWindows ? originalMs : Math.min(originalMs, shortestMs.window)
  const isGreen = green?.has(key.split(' | ')[0] ?? '') ?? false
  const leastMs = Math.max(isGreen ? shortestGreenMs : shortestMs[kind], originalMs * shareOfOriginal)
  const enoughMs = Math.max(leastMs, Math.ceil(times * longestMs))
  return Math.min(originalMs, enoughMs + (kind === 'preparation' ? slackMs : 0))
}
