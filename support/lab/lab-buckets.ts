import type { BucketOwner } from '../bucket-owners.ts'
import { type StoringSystemName, storingSystemNames } from '../system-names.ts'
import type { Account } from './accounts.ts'
import { labSystems } from './lab-systems.ts'

/** A bucket, as it shall be made. */
export interface BucketSetup {
  readonly name: string
  /** The account of the system whose it is, where that has one. */
  readonly account?: Account
  /** After so many days every object of it is deleted. */
  readonly expirationDays?: number
  readonly versioned?: boolean
}

/** The buckets of the lab's object storage by whose they are, as the documents want them. */
const labBuckets: Readonly<Record<BucketOwner, Omit<BucketSetup, 'account'>>> = {
  loki: { name: 'loki-chunks', versioned: true, expirationDays: 30 },
  tempo: { name: labSystems.tempo.bucket, expirationDays: 30 },
  mimir: { name: labSystems.mimir.bucket, expirationDays: 30 },
  thanos: { name: 'thanos' },
  opensearch: { name: 'opensearch-logs', expirationDays: 180 },
  parseable: { name: 'parseable-logs', expirationDays: 30 },
  longhorn: { name: 'longhorn-backups' },
  volsync: { name: 'volsync-backups' },
}

/** What a target file says of them. */
export function labBucketNames(): Record<string, string> {
  return Object.fromEntries(Object.entries(labBuckets).map(([owner, { name }]) => [owner, name]))
}

/** All of them, with these accounts of systems. */
export function bucketsFor(accounts: { readonly [Name in StoringSystemName]?: Account }): BucketSetup[] {
  return Object.entries(labBuckets).map(([owner, bucket]) => {
    const system = storingSystemNames.find(name => name === owner)
    const account = system === undefined ? undefined : accounts[system]
    return { ...bucket, ...(account !== undefined && { account }) }
  })
}
