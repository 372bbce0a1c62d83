import type { ProofState } from './proof.ts'
import type { ProofEntry } from './proofs-file.ts'

/** What all pairs of a requirement and its control come to. */
export function settle(entry: ProofEntry): ProofEntry {
  const { state, cause } = judge(entry)
  return { ...entry, state, cause }
}

function judge({ faults, control, cause }: ProofEntry): { state: Exclude<ProofState, 'stale'>; cause: string | null } {
  const first = (outcome: string) => faults.find(each => each.outcome === outcome)
  const missed = first('missed')
  if (missed !== undefined) return { state: 'contradicted', cause: `${missed.fault}: ${missed.text}` }
  // What keeps it from being looked at at all is known already.
  if (control === null) return { state: 'unproven', cause: cause ?? 'not looked at without a fault' }
  if (control === 'red') return { state: 'unproven', cause: cause ?? 'not green without a fault' }
  const alarm = first('false alarm')
  if (alarm !== undefined) return { state: 'unproven', cause: `${alarm.fault}, which does not touch it: ${alarm.text}` }
  const lost = first('not injected')
  if (lost !== undefined) return { state: 'unproven', cause: `${lost.fault}: ${lost.text}` }
  if (first('noticed') === undefined) return { state: 'unproven', cause: 'no fault refutes it' }
  return { state: 'proven', cause: null }
}
