import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { outcomes } from '../observation.ts'

const name = 'ledger.ndjson'

/** What one run found of one requirement; `appendLedger` writes them. Times are milliseconds. */
const lineSchema = z.object({
  runId: z.string(),
  /** ISO time. */
  startedAt: z.string(),
  target: z.string(),
  id: z.string(),
  /** Of the requirement, as it was when it was looked at. */
  revision: z.string(),
  verdict: z.enum(outcomes),
  accepted: z.boolean(),
  timeToTrueMs: z.number().nullable(),
  deadlineMs: z.number().nullable(),
  scaled: z.boolean(),
  /** What was not so; null where nothing is to be told, or a run of before did not write it down. */
  message: z.string().nullable().default(null),
})

export type LedgerLine = z.output<typeof lineSchema>

export interface Ledger {
  /** By requirement, the newest first; runs with deadlines of their own are no statement, and left out. */
  readonly byRequirement: ReadonlyMap<string, readonly LedgerLine[]>
  /** Lines that cannot be read, such as the one at which a machine died: `reports/ledger.ndjson:12`. */
  readonly unreadable: readonly string[]
}

/** The history of all runs that wrote to a folder; empty where there is none. */
export function readLedger(directory: string): Ledger {
  const file = join(directory, name)
  const lines: LedgerLine[] = []
  const unreadable: string[] = []
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  text.split('\n').forEach((line, index) => {
    if (line === '') return
    const read = readLine(line)
    if (read === undefined) unreadable.push(`${file}:${index + 1}`)
    else if (!read.scaled) lines.push(read)
  })
  lines.sort((a, b) => b.startedAt.localeCompare(a.startedAt))
  return { byRequirement: Map.groupBy(lines, ({ id }) => id), unreadable }
}

function readLine(line: string): LedgerLine | undefined {
  try {
    return lineSchema.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}
