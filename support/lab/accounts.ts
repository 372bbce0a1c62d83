import { randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'

/** An account of the lab's object storage, made up for this lab. */
export interface Account {
  readonly user: string
  readonly password: Secret
}

export interface StorageAccounts {
  /** May do everything; the suite uses it to disable and enable the others only. */
  readonly root: Account
  readonly tempo: Account
  /** The suite's own eyes: reads the bucket, its list and its lifecycle. */
  readonly acceptance: Account
}

export function makeAccounts(): StorageAccounts {
  return { root: makeAccount('lab-root'), tempo: makeAccount('tempo'), acceptance: makeAccount('acceptance') }
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

/** What each account may do, in IAM's words; Tempo's list is that of its documentation on S3 permissions. */
export function storagePolicies(bucket: string): Record<'tempo' | 'acceptance', object> {
  return {
    tempo: policy(
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
    ),
    acceptance: policy(
      [bucket],
      ['s3:ListBucket', 's3:GetBucketLocation', 's3:GetLifecycleConfiguration'],
      ['s3:GetObject'],
    ),
  }
}

/** A second bucket that Tempo may use, for the fault that it does. */
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
