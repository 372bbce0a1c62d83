import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { redact } from '../secret.ts'
import { describeStrike, type NoiseStrike } from './strike.ts'

/** One run of the suite under noise. */
export interface NoiseRun {
  readonly strikes: readonly NoiseStrike[]
  /** How often they struck. */
  readonly struck: number
  readonly tookMs: number
  /** The requirements that were not satisfied, with what was told of them. */
  readonly alarms: readonly string[]
}

/** A series of runs, as it is written to noise.json. */
export interface NoiseReport {
  /** ISO time. */
  readonly when: string
  readonly seed: number
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly NoiseRun[]
  /** The smallest schedule that still gave a false alarm. */
  readonly smallest: readonly NoiseStrike[] | null
}

/** Writes it at once or not at all. Returns the file. */
export function writeNoise(folder: string, { runs, smallest, ...head }: NoiseReport): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'noise.json')
  const report = {
    schemaVersion: 1,
    ...head,
    runs: runs.map(run => ({ ...run, strikes: run.strikes.map(describeStrike) })),
    smallest,
  }
  writeFileSync(`${file}.new`, `${redact(JSON.stringify(report, null, 2))}\n`)
  renameSync(`${file}.new`, file)
  return file
}
