import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Lab, startLab } from '../lab/lab.ts'
import { findProgram } from '../lab/program.ts'
import { describeProgress, type LabProgress } from '../lab/progress.ts'
import type { TargetFileInput } from '../target/schema.ts'

/** A target file's contents with its parts at hand to be changed. */
export type EditableTarget = Omit<TargetFileInput, 's3' | 'systems'> & {
  s3: NonNullable<TargetFileInput['s3']>
  systems: { tempo: NonNullable<TargetFileInput['systems']['tempo']> }
}

/** Builds the servers where they are not at hand yet; a build may take minutes, a command under test may not. */
export async function haveServers(): Promise<void> {
  for (const name of ['minio', 'tempo'] as const) await findProgram(name, { signal: never, onProgress: tellOfBuild })
}

/** A lab that lives in the process of the test, so that runs find it as somebody's running systems. */
export async function startTestLab(): Promise<Lab> {
  return await startLab({ systems: ['tempo'], ports: 'free', signal: never, onProgress: tellOfBuild })
}

const never = new AbortController().signal
let told = ''

function tellOfBuild(event: LabProgress): void {
  const now = `${event.server} ${event.stage}`
  const isOfBuild = event.stage !== 'starting' && event.stage !== 'ready'
  if (isOfBuild && now !== told) process.stderr.write(`${describeProgress(event)}\n`)
  told = now
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
