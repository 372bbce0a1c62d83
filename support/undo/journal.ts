import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { journalFolder } from '../folders.ts'
import { identifyProcess, isRunning } from '../process-identity.ts'
import { serverNames, storingSystemNames } from '../system-names.ts'

/** What puts one thing back as it was. It holds no secret: whoever undoes it loads the target file again. */
const undoAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('enable-storage-user'), user: z.string() }),
  /** A target of the suite's that a Prometheus discovers in a folder, or at a server's URL. */
  z.strictObject({ kind: z.literal('remove-scrape-target'), discovery: z.string(), name: z.string() }),
  /** An object that the storage account of a system wrote for the suite. */
  z.strictObject({
    kind: z.literal('remove-object'),
    system: z.enum(storingSystemNames),
    bucket: z.string(),
    key: z.string(),
  }),
  /** To so many instances as there were before. */
  z.strictObject({ kind: z.literal('scale-workload'), system: z.enum(serverNames), instances: z.int().positive() }),
])
export type UndoAction = z.infer<typeof undoAction>

const record = z.union([
  z.strictObject({
    change: z.string(),
    action: undoAction,
    targetFile: z.string(),
    at: z.iso.datetime(),
    process: z.strictObject({ pid: z.number(), startTicks: z.string().optional() }),
  }),
  z.strictObject({ undone: z.string() }),
])

/** A change of a system that has not been undone yet. */
export interface PendingChange {
  readonly id: string
  readonly runId: string
  readonly action: UndoAction
  readonly targetFile: string
  readonly at: string
  /** Whether the process that made the change still runs, and so will undo it by itself. */
  readonly owned: boolean
}

/** An action in words: `enable-storage-user tempo`, `scale-workload mimir to 1`. */
export function describeAction(action: UndoAction): string {
  switch (action.kind) {
    case 'enable-storage-user':
      return `${action.kind} ${action.user}`
    case 'remove-scrape-target':
      return `${action.kind} ${action.name} from ${action.discovery}`
    case 'remove-object':
      return `${action.kind} ${action.bucket}/${action.key}`
    case 'scale-workload':
      return `${action.kind} ${action.system} to ${action.instances}`
  }
}

/** Writes down, before it is done, what will have to be undone. Returns the id by which it is crossed out again. */
export function recordChange(
  runId: string,
  targetFile: string,
  action: UndoAction,
  folder: string = journalFolder,
): string {
  const change = randomUUID()
  const owner = identifyProcess(process.pid) ?? { pid: process.pid }
  append(folder, runId, { change, action, targetFile, at: new Date().toISOString(), process: owner })
  return change
}

export function crossOut(runId: string, change: string, folder: string = journalFolder): void {
  append(folder, runId, { undone: change })
  if (pendingChanges(folder).every(pending => pending.runId !== runId))
    rmSync(journalFile(folder, runId), { force: true })
}

/** Every change that is not undone yet, of all runs, the latest first. */
export function pendingChanges(folder: string = journalFolder): PendingChange[] {
  const pending = new Map<string, PendingChange>()
  for (const file of journalFiles(folder)) {
    const runId = basename(file, '.ndjson')
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const entry = readLine(line)
      if (entry === undefined) continue
      if ('undone' in entry) pending.delete(entry.undone)
      else {
        const owned = isRunning(entry.process)
        pending.set(entry.change, {
          id: entry.change,
          runId,
          action: entry.action,
          targetFile: entry.targetFile,
          at: entry.at,
          owned,
        })
      }
    }
  }
  return [...pending.values()].reverse()
}

/** A line that a kill cut short was never followed by its change. */
function readLine(line: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

function journalFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(file => file.endsWith('.ndjson'))
      .sort()
  } catch {
    return []
  }
}

function journalFile(folder: string, runId: string): string {
  return join(folder, `${runId}.ndjson`)
}

function append(folder: string, runId: string, entry: z.infer<typeof record>): void {
  mkdirSync(folder, { recursive: true })
  const file = openSync(journalFile(folder, runId), 'a', 0o600)
  try {
    writeSync(file, `${JSON.stringify(entry)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
