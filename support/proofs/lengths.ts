import type { MeasuredWait } from './waits.ts'

/** No wait is made shorter than this, whatever was measured. Milliseconds. */
const shortestMs = { deadline: 1_000, patience: 1_000, preparation: 5_000, window: 2_000 } as const
const timesMeasured = 3

/**
 * How long each wait lasts under faults: so long that what comes in time without a fault still does, and so short that a
 * red scenario costs seconds. By key, milliseconds.
 * @param windows `whole` leaves windows in which something must stay true as long as they are
 */
export function scaledLengths(
  waits: Iterable<MeasuredWait>,
  windows: 'short' | 'whole' = 'short',
): Record<string, number> {
  return Object.fromEntries([...waits].map(wait => [wait.key, scaledLength(wait, windows)]))
}

function scaledLength({ kind, originalMs, longestMs }: MeasuredWait, windows: 'short' | 'whole'): number {
  if (kind === 'window') return windows === 'whole' ? originalMs : Math.min(originalMs, shortestMs.window)
  return Math.min(originalMs, Math.max(shortestMs[kind], Math.ceil(timesMeasured * longestMs)))
}
