import { type ServerSystemName, serverNames } from '../system-names.ts'
import type { LabSystem } from './lab-system.ts'
import { mimir } from './mimir.ts'
import { prometheus } from './prometheus.ts'
import { tempo } from './tempo.ts'

/** Every system that the lab can run. */
export const labSystems: { readonly [Name in ServerSystemName]: LabSystem<Name> } = {
  tempo,
  mimir,
  prometheus,
}

/** These systems, and before them those that they need. */
export function withNeeds(names: readonly ServerSystemName[]): ServerSystemName[] {
  const needed = names.flatMap(name => labSystems[name].needs)
  return serverNames.filter(name => names.includes(name) || needed.includes(name))
}
