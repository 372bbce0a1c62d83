import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Lab } from '../lab/lab.ts'
import { startLab } from '../lab/lab.ts'
import type { TargetFileInput } from '../target/schema.ts'

/** A target file's contents with its parts at hand to be changed. */
export type EditableTarget = Omit<TargetFileInput, 's3' | 'systems'> & {
  s3: NonNullable<TargetFileInput['s3']>
  systems: { tempo: NonNullable<TargetFileInput['systems']['tempo']> }
}

/** A lab that lives in the process of the test, so that runs find it as somebody's running systems. */
export function startTestLab(): Promise<Lab> {
  return startLab({
    systems: ['tempo'],
    ports: 'free',
    signal: AbortSignal.timeout(120_000),
    onProgress: () => undefined,
  })
}

/** The lab's target file as data. */
export function targetOf(lab: Pick<Lab, 'targetFile'>): EditableTarget {
  return parse(readFileSync(lab.targetFile, 'utf8')) as EditableTarget
}

let written = 0

/** Writes a target file that is the lab's but for what is changed. Returns its path. */
export function writeTarget(folder: string, lab: Lab, change: (target: EditableTarget) => void): string {
  const target = targetOf(lab)
  change(target)
  written += 1
  const file = join(folder, `target-${written}.yaml`)
  writeFileSync(file, stringify(target))
  return file
}
