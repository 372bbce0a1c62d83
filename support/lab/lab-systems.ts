import type { ServerSystemName } from '../system-names.ts'
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
