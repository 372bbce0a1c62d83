import parse from 'parse-duration'

const units = [
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
  { name: 'ms', ms: 1 },
] as const

/**
 * Milliseconds of a duration as people and configurations write it: `10 minutes`, `5 s`, Go's `1m30s`.
 * @throws RangeError where the text is no duration
 */
export function parseDuration(text: string): number {
  const ms = /^\s*[\d.]/.test(text) ? parse(text.replaceAll('µs', 'us')) : null
  if (ms === null || !Number.isFinite(ms)) throw new RangeError(`"${text}" is not a duration such as "5 seconds"`)
  return ms
}

/** A duration in the largest unit that keeps it readable: `10 min`, `1.5 s`, `40 ms`. */
export function formatDuration(ms: number): string {
  const unit = units.find(({ ms: size }) => Math.abs(ms) >= size) ?? units[2]
  const value = ms / unit.ms
  return `${Number.isInteger(value) || value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ${unit.name}`
}
