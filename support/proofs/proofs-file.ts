import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { redact } from '../secret.ts'
import { type ProofState, pairOutcomes } from './proof.ts'

const name = 'proofs.json'

const pair = z.object({
  fault: z.string(),
  outcome: z.enum(pairOutcomes),
  text: z.string(),
  tookMs: z.number(),
  when: z.string(),
})

const entry = z.object({
  id: z.string(),
  /** Of its wording, its figures and its scenarios, as they were when it was proven. */
  hash: z.string(),
  state: z.enum(['proven', 'unproven', 'contradicted']),
  /** Why it is not proven; null where it is. */
  cause: z.string().nullable(),
  /** Whether it was green without a fault, with the same short deadlines; null where that was not looked at. */
  control: z.enum(['green', 'accepted', 'red']).nullable(),
  /** How many faults there are for it, whether they were brought about or not. */
  known: z.int(),
  when: z.string(),
  faults: z.array(pair),
})

const fileSchema = z.object({
  schemaVersion: z.literal(1),
  /** The last run of `prove`: ISO time, what it ran on, and its figures. */
  when: z.string(),
  versions: z.record(z.string(), z.string()),
  wallMs: z.number(),
  injected: z.int(),
  noticed: z.int(),
  falseAlarms: z.array(z.object({ fault: z.string(), requirement: z.string(), text: z.string() })),
  requirements: z.array(entry),
})

/** What is on record of all proofs. */
export type ProofsFile = z.output<typeof fileSchema>
export type ProofEntry = z.output<typeof entry>

/** Undefined where nothing is on record in this folder, or nothing that could be read. */
export function readProofs(directory: string): ProofsFile | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(join(directory, name), 'utf8')))
  } catch {
    return undefined
  }
}

/** Writes the file at once or not at all, without secrets. Returns its path. */
export function writeProofs(directory: string, proofs: ProofsFile): string {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, name)
  const beside = `${file}.${process.pid}.tmp`
  const text = JSON.stringify(proofs, (_, each) => (typeof each === 'string' ? redact(each) : each), 2)
  writeFileSync(beside, `${text}\n`)
  renameSync(beside, file)
  return file
}

/**
 * The state of each requirement on record, by id.
 * @param hashes of the requirements as they are now, by id; where the recorded one is another, the proof is stale
 */
export function statesOf(proofs: ProofsFile, hashes: ReadonlyMap<string, string>): Map<string, ProofState> {
  return new Map(
    proofs.requirements.map(({ id, hash, state }): [string, ProofState] => [
      id,
      state !== 'unproven' && hashes.get(id) !== hash ? 'stale' : state,
    ]),
  )
}

/**
 * What is on record after a run: its entries in the place of older ones, and all others as they were. Of an older entry
 * that told of the same wording, those faults stay that were not brought about again and that still concern it.
 */
export function mergeProofs(
  older: ProofsFile | undefined,
  newer: ProofsFile,
  settle: (entry: ProofEntry) => ProofEntry,
  concerns: (fault: string, requirement: string) => boolean,
): ProofsFile {
  const before = new Map((older?.requirements ?? []).map(each => [each.id, each]))
  const merged = newer.requirements.map(each => {
    const known = before.get(each.id)
    if (known === undefined || known.hash !== each.hash) return each
    const again = new Set(each.faults.map(({ fault }) => fault))
    const kept = known.faults.filter(({ fault }) => !again.has(fault) && concerns(fault, each.id))
    return kept.length === 0 ? each : settle({ ...each, faults: [...kept, ...each.faults] })
  })
  const own = new Set(merged.map(({ id }) => id))
  const others = (older?.requirements ?? []).filter(({ id }) => !own.has(id))
  return {
    ...newer,
    requirements: [...others, ...merged].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true })),
  }
}
