/** The systems that the suite knows; a Feature names its own by a tag. */
export const systemNames = ['tempo', 'mimir', 'prometheus', 's3', 'kubernetes'] as const
export type SystemName = (typeof systemNames)[number]

/** Those that a lab of processes has: all but the cluster that may run them. */
export const labSystemNames = ['tempo', 'mimir', 'prometheus', 's3'] as const satisfies readonly SystemName[]
export type LabSystemName = (typeof labSystemNames)[number]

export function isInLab(name: SystemName): name is LabSystemName {
  return labSystemNames.some(each => each === name)
}

/** Those that are servers of their own, with an address and a workload; the object storage is there for them. */
export const serverNames = ['tempo', 'mimir', 'prometheus'] as const satisfies readonly SystemName[]
export type ServerSystemName = (typeof serverNames)[number]

export function isServer(name: SystemName): name is ServerSystemName {
  return serverNames.some(each => each === name)
}

/** Those that keep their data in a bucket of the target's object storage. */
export const storingSystemNames = ['tempo', 'mimir'] as const satisfies readonly SystemName[]
export type StoringSystemName = (typeof storingSystemNames)[number]

export function isStoring(name: SystemName): name is StoringSystemName {
  return storingSystemNames.some(each => each === name)
}
