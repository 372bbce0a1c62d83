import { appendFileSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { UsageError } from './errors.ts'

/** What is waited for: a requirement's deadline, a fact without one, a preparation, or the end of a time that is watched. */
export type WaitKind = 'deadline' | 'patience' | 'preparation' | 'window'

/** The key of a window in which a step watches something; the step may wait for something else besides. */
export function windowKey(stepKey: string): string {
  return `${stepKey}${windowSuffix}`
}
const windowSuffix = ' | window'

/** Stands for every window that has no time of its own. */
export const anyWindow = 'any window'

/** A wait that came true, as it is written down. Milliseconds. */
export interface CameTrue {
  /** `<requirement> | <scenario> | <step>`, or what a preparation waits for. */
  readonly key: string
  readonly kind: WaitKind
  readonly originalMs: number
  readonly tookMs: number
  readonly request?: string
}

/**
 * How long each wait of a run may take. Proofs give each its own time, which a run without a fault has shown to be enough,
 * so that a red scenario costs seconds.
 */
export interface Deadlines {
  waitMs(key: string, originalMs: number): number
  cameTrue(wait: CameTrue): void
}

interface DeadlinesOptions {
  /** Multiplies every wait that has no time of its own. */
  readonly scale: number
  /** A file of JSON: milliseconds by key, or by `anyWindow`, which makes no window longer than it is. */
  readonly file: string | undefined
  /** A file to which each wait that came true is added as a line of JSON; several threads may write to it. */
  readonly waitsFile: string | undefined
}

/** @throws UsageError where the file cannot be read, or is no such JSON */
export function deadlinesOf({ scale, file, waitsFile }: DeadlinesOptions): Deadlines {
  const own = file === undefined ? new Map<string, number>() : readDeadlines(file)
  return {
    waitMs: (key, originalMs) => {
      const shortMs = key.endsWith(windowSuffix) ? own.get(anyWindow) : undefined
      return own.get(key) ?? Math.min(originalMs * scale, shortMs ?? Number.POSITIVE_INFINITY)
    },
    cameTrue: wait => {
      if (waitsFile !== undefined) appendFileSync(waitsFile, `${JSON.stringify(wait)}\n`)
    },
  }
}

const schema = z.record(z.string(), z.number().positive())

function readDeadlines(file: string): Map<string, number> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(readFileSync(file, 'utf8')))))
  } catch (cause) {
    const expected = 'cannot be read as JSON such as {"KEY": 1500}, in milliseconds above 0'
    throw new UsageError(`ACCEPT_DEADLINES: ${file} ${expected}`, [], { cause })
  }
}
