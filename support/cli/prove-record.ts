import { relative } from 'node:path'
import type { Fault } from '../faults/fault.ts'
import { type Control, entriesOf } from '../proofs/entries.ts'
import { figuresOf } from '../proofs/figures.ts'
import { hashesOf } from '../proofs/hash.ts'
import { touchedBy } from '../proofs/judge.ts'
import type { Pair } from '../proofs/proof.ts'
import { mergeProofs, type ProofEntry, type ProofsFile, readProofs, writeProofs } from '../proofs/proofs-file.ts'
import { settle } from '../proofs/settle.ts'
import type { ProveOrder } from './prove-order.ts'
import type { Bench } from './prove-phases.ts'

/** What a run of `prove` has found so far. */
export interface Found {
  readonly startedAt: Date
  readonly pairs: readonly Pair[]
  /** Every fault there is, those included that were not brought about. */
  readonly faults: readonly Fault[]
  readonly controls: ReadonlyMap<string, Control>
}

/** Puts what was found on record beside what was known before; tells where, and what is on record of its requirements. */
export function record(
  { labs }: Pick<Bench, 'labs'>,
  order: Omit<ProveOrder, 'named' | 'askedFaults' | 'catalogue' | 'possible'>,
  { startedAt, pairs, faults, controls }: Found,
): { readonly file: string; readonly entries: readonly ProofEntry[]; readonly wallMs: number } {
  const { requirements, unprovable, registry, reports, scenarios, generic } = order
  const when = startedAt.toISOString()
  const wallMs = Date.now() - startedAt.getTime()
  const hashes = hashesOf(registry, scenarios)
  const { injected, noticed, falseAlarms } = figuresOf(pairs)
  const newer: ProofsFile = {
    schemaVersion: 1,
    when,
    versions: { ...labs[0]?.versions },
    wallMs,
    injected,
    noticed,
    falseAlarms: falseAlarms.map(({ fault, requirement, text }) => ({ fault, requirement, text })),
    requirements: entriesOf({ requirements, hashes, controls, faults, pairs, unprovable, when }),
  }
  const known = new Map(faults.map(fault => [fault.id, [...touchedBy(fault), ...fault.leaves]]))
  // Where no faults were made of what was measured, those that were made before are taken for still there.
  const concerns = (fault: string, requirement: string) =>
    known.get(fault)?.includes(requirement) ?? (generic.length === 0 && fault.includes('/'))
  const merged = mergeProofs(readProofs(reports), newer, settle, concerns)
  const file = relative(process.cwd(), writeProofs(reports, merged))
  const own = new Set(newer.requirements.map(({ id }) => id))
  return { file, entries: merged.requirements.filter(({ id }) => own.has(id)), wallMs }
}
