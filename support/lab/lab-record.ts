import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { labsFolder } from '../folders.ts'
import { identifyProcess } from '../process-identity.ts'

/** What every folder of a lab is called; nothing else is ever deleted. */
export const directoryPrefix = 'observability-lab-'

const identity = z.strictObject({ pid: z.int().positive(), startTicks: z.string().optional() })
const recordSchema = z.strictObject({
  supervisor: identity,
  directory: z.string(),
  servers: z.array(z.strictObject({ name: z.string(), program: z.string(), process: identity })),
})

/** What is needed to clean up after a lab whose supervisor was killed. */
export type LabRecord = z.infer<typeof recordSchema>

/** The file that tells of this process's lab in this folder. */
export function recordFile(directory: string, folder: string = labsFolder): string {
  return join(folder, `${process.pid}-${basename(directory).slice(directoryPrefix.length)}.json`)
}

/** Written anew, and whole, whenever the lab starts a process. */
export function writeRecord(
  file: string,
  directory: string,
  servers: readonly { name: string; program: string; pid: number }[],
): void {
  const record: LabRecord = {
    supervisor: identifyProcess(process.pid) ?? { pid: process.pid },
    directory,
    servers: servers.map(({ name, program, pid }) => ({ name, program, process: identifyProcess(pid) ?? { pid } })),
  }
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Undefined for a file that another run has just removed, or that is none of ours. */
export function readRecord(file: string): LabRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
