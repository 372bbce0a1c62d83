import type { Catalogue } from '../faults/catalogue.ts'
import type { Generic } from '../faults/generic.ts'
import type { Injection } from '../proofs/plan.ts'
import type { Unprovable } from '../proofs/uncovered.ts'
import type { Registry } from '../requirements/registry.ts'
import type { Bench } from './prove-phases.ts'

/** What is to be proven, and with what. */
export interface ProveOrder {
  readonly requirements: readonly string[]
  /** Ids of those whose systems the labs have; others cannot be looked at, not as what must stay green either. */
  readonly possible: ReadonlySet<string>
  /** The faults of the files that are brought about. */
  readonly named: readonly Injection[]
  /** Ids that were asked for; undefined: all. */
  readonly askedFaults: ReadonlySet<string> | undefined
  /** Of which faults are made once it is measured what the scenarios ask. */
  readonly generic: readonly Generic[]
  readonly unprovable: readonly Unprovable[]
  readonly catalogue: Catalogue
  readonly registry: Pick<Registry, 'byId'>
  readonly scenarios: Bench['scenarios']
  /** Little is brought about, in little time. */
  readonly quick: boolean
  /** Folder, absolute. */
  readonly reports: string
}
