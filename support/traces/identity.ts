import { randomBytes } from 'node:crypto'

/** A fresh trace id: 32 lower-case hexadecimal digits, never all zero. */
export function newTraceId(): string {
  return freshHex(16)
}

/** A fresh span id: 16 lower-case hexadecimal digits, never all zero. */
export function newSpanId(): string {
  return freshHex(8)
}

function freshHex(bytes: number): string {
  const hex = randomBytes(bytes).toString('hex')
  return /[1-9a-f]/.test(hex) ? hex : freshHex(bytes)
}

let latest = 0n

/** Nanoseconds since the Unix epoch, each time more; the digits below a millisecond come from the monotonic clock. */
export function nowNanoseconds(): bigint {
  const time = BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)
  // The two clocks do not begin their milliseconds together.
  latest = time > latest ? time : latest + 1n
  return latest
}
