import type { Fault } from '../faults/fault.ts'
import type { Registry } from '../requirements/registry.ts'
import { touchedBy } from './judge.ts'

/** A requirement that nothing can prove now, and why. */
export interface Unprovable {
  readonly id: string
  readonly cause: string
}

/** Requirements of these systems that have no scenario yet, such as those that need a cluster. */
export function withoutScenario(registry: Pick<Registry, 'requirements'>, systems: readonly string[]): Unprovable[] {
  return registry.requirements.flatMap(({ id, later, systems: own }) =>
    later !== undefined && own.some(system => systems.includes(system)) ? [{ id, cause: later }] : [],
  )
}

/** Requirements with a scenario that no fault refutes or mends. */
export function withoutFault(requirements: readonly string[], faults: readonly Fault[]): Unprovable[] {
  const proving = new Set(faults.flatMap(fault => touchedBy(fault).filter(id => fault.undecides[id] === undefined)))
  return requirements.filter(id => !proving.has(id)).map(id => ({ id, cause: 'no fault refutes it' }))
}
