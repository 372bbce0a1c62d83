import { randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import type { StoringSystemName } from '../system-names.ts'

/** An account of the lab's object storage, made up for this lab. */
export interface Account {
  readonly user: string
  readonly password: Secret
}

export interface StorageAccounts {
  /** May do everything; the suite uses it to disable and enable the others only. */
  readonly root: Account
  /** The suite's own eyes: reads the buckets, their lists, their versioning and their lifecycles. */
  readonly acceptance: Account
  /** One for each system that keeps its data there. */
  readonly systems: { readonly [Name in StoringSystemName]?: Account }
}

export function makeAccounts(systems: readonly StoringSystemName[]): StorageAccounts {
  return {
    root: makeAccount('lab-root'),
    acceptance: makeAccount('acceptance'),
    systems: Object.fromEntries(systems.map(name => [name, makeAccount(name)])),
  }
}

/**
 * MinIO takes passwords of 8 to 40 characters. The name is made up too: the suite keeps access keys out of all it prints,
 * and a name that is a word would take the word with it.
 */
function makeAccount(role: string): Account {
  return {
    user: `${role}-${randomBytes(4).toString('hex')}`,
    password: new Secret(randomBytes(24).toString('base64url')),
  }
}

/** What a system may do in its bucket, in IAM's words; the list is that of Tempo's and Mimir's documentation on S3. */
export function systemPolicy(bucket: string): object {
  return policy(
    [bucket, elsewhere(bucket)],
    ['s3:ListBucket', 's3:GetBucketLocation'],
    [
      's3:GetObject',
      's3:PutObject',
      's3:DeleteObject',
      's3:GetObjectTagging',
      's3:PutObjectTagging',
      's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts',
    ],
  )
}

/** What the suite may do: look, and change nothing. */
export function acceptancePolicy(buckets: readonly string[]): object {
  return policy(
    buckets,
    ['s3:ListBucket', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:GetLifecycleConfiguration'],
    ['s3:GetObject'],
  )
}

/** A bucket that is none of the systems', for whoever tries to get into it. */
export const foreignBucket = 'kept-by-others'

/** A second bucket that a system may use, for the fault that it does; the suite's own account does not see it. */
export function elsewhere(bucket: string): string {
  return `${bucket}-elsewhere`
}

function policy(buckets: readonly string[], onBucket: readonly string[], onObjects: readonly string[]): object {
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: onBucket, Resource: buckets.map(bucket => `arn:aws:s3:::${bucket}`) },
      { Effect: 'Allow', Action: onObjects, Resource: buckets.map(bucket => `arn:aws:s3:::${bucket}/*`) },
    ],
  }
}
