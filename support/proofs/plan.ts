import type { Fault } from '../faults/fault.ts'
import { touchedBy } from './judge.ts'

/** A fault, and the requirements whose scenarios run under it. */
export interface Injection<F extends Fault = Fault> {
  readonly fault: F
  /** In which it must be noticed. */
  readonly touched: readonly string[]
  /** Which must stay green. */
  readonly left: readonly string[]
}

/** What decides which faults are brought about. */
export interface Wanted {
  /** Ids of the requirements that are to be proven. */
  readonly requirements: ReadonlySet<string>
  /** Ids of faults; undefined: all. */
  readonly faults: ReadonlySet<string> | undefined
}

/**
 * The faults that say something about the wanted requirements, each with the scenarios that run under it: those of the
 * wanted requirements that it touches, and those that it must leave green.
 */
export function planInjections<F extends Fault>(
  faults: readonly F[],
  { requirements, faults: named }: Wanted,
): Injection<F>[] {
  return faults.flatMap(fault => {
    if (named !== undefined && !named.has(fault.id)) return []
    const all = touchedBy(fault)
    const touched = all.filter(id => requirements.has(id))
    const { leaves } = fault
    // A fault that touches nothing is there for what it leaves green.
    const concerns = all.length > 0 ? touched : leaves.filter(id => requirements.has(id))
    return concerns.length === 0 ? [] : [{ fault, touched, left: leaves }]
  })
}

/**
 * Few faults, by which each requirement goes red, or green, once: those that take the whole of a scenario's time only where
 * nothing else is there, and those first that show what they leave alone.
 */
export function quickSelection<F extends Fault>(injections: readonly Injection<F>[]): Injection<F>[] {
  const proving = injections.map(injection => ({ injection, ids: provenBy(injection) }))
  const open = new Set(proving.flatMap(({ ids }) => ids))
  const chosen: Injection<F>[] = []
  while (open.size > 0) {
    const gains = proving.map(({ injection, ids }) => ({ injection, gain: ids.filter(id => open.has(id)) }))
    const [best] = gains.filter(({ gain }) => gain.length > 0).sort((a, b) => rank(b) - rank(a))
    if (best === undefined) break
    for (const id of best.gain) open.delete(id)
    chosen.push({ ...best.injection, touched: best.gain })
  }
  return chosen
}

/** A requirement that is kept from being decided is not proven by that. */
function provenBy({ fault, touched }: Injection): string[] {
  return touched.filter(id => fault.undecides[id] === undefined)
}

function rank({ injection: { fault, left }, gain }: { injection: Injection; gain: readonly string[] }): number {
  const restarts = Object.keys(fault.servers).length > 0
  return (fault.slow ? -1_000 : 0) + gain.length + (left.length > 0 ? 0.5 : 0) - (restarts ? 0.4 : 0)
}
