import type { VersioningStatus } from '../drivers/object-storage.ts'
import { Unmet } from '../errors.ts'

/** Accepts a list of buckets that holds this one. */
export const holdsBucket =
  (name: string) =>
  (buckets: readonly string[]): void => {
    if (buckets.includes(name)) return
    const told = buckets.length === 0 ? 'none at all' : `only ${buckets.toSorted().join(', ')}`
    throw new Unmet(`no bucket ${name} in the list: ${told}`)
  }

/** Accepts a bucket that keeps versions now; one that did until it was suspended does not. */
export const keepsVersions = (status: VersioningStatus): void => {
  if (status !== 'Enabled') throw new Unmet(`its versioning is ${status === 'Suspended' ? 'suspended' : status}`)
}
