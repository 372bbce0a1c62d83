import type { Fault } from '../faults/fault.ts'
import { isEvidence } from './figures.ts'
import { touchedBy } from './judge.ts'
import type { Pair } from './proof.ts'
import type { ProofEntry } from './proofs-file.ts'
import { settle } from './settle.ts'
import type { Unprovable } from './uncovered.ts'

/** How a requirement was without a fault. */
export interface Control {
  readonly state: 'green' | 'accepted' | 'red' | 'not applicable'
  /** What it was instead of green. */
  readonly cause?: string
}

/** Everything that one run of `prove` found. */
export interface Findings {
  /** Ids of the requirements that were to be proven. */
  readonly requirements: readonly string[]
  readonly hashes: ReadonlyMap<string, string>
  readonly controls: ReadonlyMap<string, Control>
  /** Every fault there is, those included that were not brought about this time. */
  readonly faults: readonly Fault[]
  readonly pairs: readonly Pair[]
  /** Requirements that have no scenario. */
  readonly unprovable: readonly Unprovable[]
  /** ISO time. */
  readonly when: string
}

/** What goes on record of each requirement. */
export function entriesOf(findings: Findings): ProofEntry[] {
  const { requirements, hashes, controls, faults, pairs, unprovable, when } = findings
  const byId = new Map(faults.map(fault => [fault.id, fault]))
  const looked = requirements.map(id => {
    const control = controls.get(id)
    const own = pairs.filter(pair => pair.requirement === id && isEvidence(pair, byId.get(pair.fault)))
    return settle({
      id,
      hash: hashes.get(id) ?? '',
      state: 'unproven',
      cause: control?.cause ?? null,
      control: control === undefined || control.state === 'not applicable' ? null : control.state,
      known: faults.filter(fault => touchedBy(fault).includes(id)).length,
      when,
      faults: own.map(({ fault, outcome, text, tookMs }) => ({ fault, outcome, text, tookMs, when })),
    })
  })
  const others = unprovable.map(({ id, cause }) =>
    settle({ id, hash: '', state: 'unproven', cause, control: null, known: 0, when, faults: [] }),
  )
  return [...looked, ...others]
}
