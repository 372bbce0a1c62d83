import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import type { TargetFileInput } from '../target/schema.ts'
import type { Account, StorageAccounts } from './accounts.ts'
import { labBucketNames } from './lab-buckets.ts'
import { labFixtures } from './servers.ts'

export interface LabAddresses {
  readonly storage?: {
    /** As a target file writes it. */
    readonly endpoint: string
    readonly region: string
    readonly caFile: string
    readonly version: string
    readonly accounts: StorageAccounts
  }
  readonly systems?: TargetFileInput['systems']
}

const suite = 'LAB_S3'
const administration = 'LAB_S3_ADMINISTRATION'

/** The lab as a target, in the form of a target file. */
export function labTarget({ storage, systems = {} }: LabAddresses): TargetFileInput {
  return {
    name: 'lab',
    ...(storage === undefined
      ? {}
      : {
          s3: {
            endpoint: storage.endpoint,
            region: storage.region,
            forcePathStyle: true,
            caFile: storage.caFile,
            version: storage.version,
            buckets: labBucketNames(),
            credentials: references(suite),
            administration: { kind: 'minio', credentials: references(administration) },
          },
        }),
    systems,
    allow: { disruption: ['lab'] },
    deviations: parse(readFileSync(`${labFixtures}deviations.yaml`, 'utf8')),
  }
}

/** How every file begins that speaks of a running lab. */
export const labMark = '# The lab, as it runs now.'

export function targetYaml(target: TargetFileInput): string {
  return `${labMark} Its secrets are in the environment variables that are named here.\n${stringify(target)}`
}

/** The values of the variables that the target file names. */
export function labEnvironment(accounts: StorageAccounts): Record<string, string> {
  const systems = Object.entries(accounts.systems).map(([name, account]) => {
    return [storageSecretVariable(name), account.password.reveal()] as const
  })
  return {
    ...values(suite, accounts.acceptance),
    ...values(administration, accounts.root),
    ...Object.fromEntries(systems),
  }
}

/** The variable that holds the secret key by which a system signs in to the storage. */
export function storageSecretVariable(system: string): string {
  return `LAB_${system.toUpperCase()}_STORAGE_SECRET_KEY`
}

function references(prefix: string): { accessKeyId: { env: string }; secretAccessKey: { env: string } } {
  return { accessKeyId: { env: `${prefix}_ACCESS_KEY_ID` }, secretAccessKey: { env: `${prefix}_SECRET_ACCESS_KEY` } }
}

function values(prefix: string, { user, password }: Account): Record<string, string> {
  return { [`${prefix}_ACCESS_KEY_ID`]: user, [`${prefix}_SECRET_ACCESS_KEY`]: password.reveal() }
}
