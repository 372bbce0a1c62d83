import type { Trace } from './trace.ts'

/** Reads traces from lines of JSON, in which what JSON cannot say is an object: `$int`, `$bytes` (hexadecimal), `$number`. */
export function parseRecordedTraces(lines: string): Trace[] {
  return lines
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line, revive) as Trace)
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$int' in value) return BigInt(String(value.$int))
  if ('$bytes' in value) return Uint8Array.from(Buffer.from(String(value.$bytes), 'hex'))
  if ('$number' in value) return Number(value.$number)
  return value
}
