import type { ProofEntry } from '../proofs/proofs-file.ts'
import type { Registry } from '../requirements/registry.ts'
import type { LedgerLine } from '../trace/ledger.ts'
import { laterOf, type Matrix, type Row } from '../trace/matrix.ts'

/** How a requirement stands: what its last run found of it as it is worded now, or why no run could. */
export const standings = [
  'satisfied',
  'violated',
  'accepted',
  'undetermined',
  'not applicable',
  'not run',
  'human',
  'later',
] as const
export type Standing = (typeof standings)[number]

/** How many runs are shown of a requirement. */
const longestHistory = 20

/** What the board shows of one requirement. */
export interface Entry {
  readonly row: Row
  readonly standing: Standing
  /** The run that decided the standing. */
  readonly last?: LedgerLine
  /** The newest first. */
  readonly history: readonly LedgerLine[]
  /** Why there is no scenario yet. */
  readonly later?: string
  readonly proof?: ProofEntry
}

/** One entry for each requirement, in the registry's order. */
export function entriesOf({ rows }: Matrix, byId: Registry['byId'], proofs: readonly ProofEntry[]): Entry[] {
  const proofOf = new Map(proofs.map(proof => [proof.id, proof]))
  return rows.map(row => {
    const { id, sameAs = id } = row.requirement
    const [newest] = row.history
    // A verdict on another wording says nothing of the present one.
    const last = newest?.revision === row.revision ? newest : undefined
    const later = row.coverage === 'later' ? laterOf(row, byId) : undefined
    const proof = row.proof === null ? undefined : proofOf.get(sameAs)
    return {
      row,
      standing: standingOf(row, last),
      history: row.history.slice(0, longestHistory),
      ...(last !== undefined && { last }),
      ...(later !== undefined && { later }),
      ...(proof !== undefined && { proof }),
    }
  })
}

function standingOf({ coverage }: Row, last: LedgerLine | undefined): Standing {
  if (coverage === 'human' || coverage === 'later') return coverage
  if (last === undefined) return 'not run'
  return last.verdict === 'violated' && last.accepted ? 'accepted' : last.verdict
}
