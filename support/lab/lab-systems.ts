import { isServer, type LabSystemName, labSystemNames, type ServerSystemName } from '../system-names.ts'
import type { LabSystem } from './lab-system.ts'
import { mimir } from './mimir.ts'
import { prometheus } from './prometheus.ts'
import { tempo } from './tempo.ts'

/** Every system that the lab can run as a server of its own. */
export const labSystems: { readonly [Name in ServerSystemName]: LabSystem<Name> } = {
  tempo,
  mimir,
  prometheus,
}

/** These systems, and before them those that they need. */
export function withNeeds(names: readonly LabSystemName[]): LabSystemName[] {
  const needed: LabSystemName[] = names.filter(isServer).flatMap(name => labSystems[name].needs)
  return labSystemNames.filter(name => names.includes(name) || needed.includes(name))
}
