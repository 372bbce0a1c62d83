/** The systems that the suite knows; a Feature names its own by a tag. */
export const systemNames = ['tempo', 'mimir', 'prometheus'] as const
export type SystemName = (typeof systemNames)[number]

/** Those that keep their data in a bucket of the target's object storage. */
export const storingSystemNames = ['tempo', 'mimir'] as const satisfies readonly SystemName[]
export type StoringSystemName = (typeof storingSystemNames)[number]

export function isStoring(name: SystemName): name is StoringSystemName {
  return storingSystemNames.some(each => each === name)
}
