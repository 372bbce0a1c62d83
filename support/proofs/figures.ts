import type { Fault } from '../faults/fault.ts'
import { touchedBy } from './judge.ts'
import type { Pair } from './proof.ts'

/** How well the suite notices what is broken. */
export interface Figures {
  /** Faults that were there and should have been noticed. */
  readonly injected: number
  /** Those of them that were noticed in every requirement that they touch. */
  readonly noticed: number
  readonly falseAlarms: readonly Pair[]
  /** Pairs that should have stayed green, and were looked at. */
  readonly quiet: number
  /** Faults that were decided at a second look. */
  readonly secondLooks: number
}

export function figuresOf(pairs: readonly Pair[]): Figures {
  const red = pairs.filter(({ outcome }) => outcome === 'noticed' || outcome === 'missed')
  const byFault = [...Map.groupBy(red, ({ fault }) => fault).values()]
  const falseAlarms = pairs.filter(({ outcome }) => outcome === 'false alarm')
  return {
    injected: byFault.length,
    noticed: byFault.filter(own => own.every(({ outcome }) => outcome === 'noticed')).length,
    falseAlarms,
    secondLooks: new Set(pairs.flatMap(({ fault, first }) => (first === undefined ? [] : [fault]))).size,
    quiet: falseAlarms.length + pairs.filter(({ outcome }) => outcome === 'green').length,
  }
}

/** Whether a pair belongs to the proof of its requirement: what a fault of others left green is nothing to keep. */
export function isEvidence({ outcome, requirement }: Pair, fault: Fault | undefined): boolean {
  if (outcome !== 'green') return true
  return fault !== undefined && touchedBy(fault).length === 0 && fault.leaves.includes(requirement)
}
