import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** Settings of the kernel that the kubelet changes for the whole machine (pkg/kubelet/cm, `setupKernelTunables`). */
const tunables = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
] as const

const recordSchema = z.strictObject({
  /** The process that the namespaces live with; undefined until it was started. */
  keeper: z.strictObject({ pid: z.int().positive(), startTicks: z.string().optional() }).optional(),
  /** Folders of the machine that were made. */
  made: z.array(z.string()),
  /** What the kernel's settings were before. */
  tunables: z.record(z.string(), z.string()),
})

/** All that has to be taken back of a cluster, whatever happened to it. */
export type ClusterRecord = z.infer<typeof recordSchema>

/** Undefined where there is none. */
export function readRecord(file: string): ClusterRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

export function writeRecord(file: string, record: ClusterRecord): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** What the kubelet may change, as it is now. */
export function readTunables(): Record<string, string> {
  return Object.fromEntries(
    tunables.flatMap(name => {
      try {
        return [[name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]]
      } catch {
        return []
      }
    }),
  )
}

export function restoreTunables(before: Readonly<Record<string, string>>): void {
  const now = readTunables()
  for (const [name, value] of Object.entries(before)) if (now[name] !== value) writeFileSync(`/proc/sys/${name}`, value)
}
