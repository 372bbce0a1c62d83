import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { SignatureV4 } from '@smithy/signature-v4'
import { strToU8, zipSync } from 'fflate'
import { Agent, request } from 'undici'
import { Sha256 } from '../drivers/sha256.ts'
import { EnvironmentError } from '../errors.ts'
import { redact } from '../secret.ts'
import { acceptancePolicy, elsewhere, foreignBucket, type StorageAccounts, systemPolicy } from './accounts.ts'
import type { BucketSetup } from './lab-buckets.ts'

export interface StorageSetup {
  readonly endpoint: URL
  readonly ca: string
  readonly region: string
  readonly buckets: readonly BucketSetup[]
  readonly accounts: Pick<StorageAccounts, 'root' | 'acceptance'>
  readonly signal: AbortSignal
}

interface SignedRequest {
  readonly path: string
  readonly query?: Record<string, string>
  readonly body?: Uint8Array
}

const startLimit = 30_000

/** Makes the buckets with their lifecycles, and the accounts; returns when servers can sign in with them. */
export async function prepareStorage(setup: StorageSetup): Promise<void> {
  const put = signedPut(setup)
  const makeBucket = async ({ name, versioned, expirationDays }: BucketSetup): Promise<void> => {
    await put({ path: `/${name}` })
    if (versioned === true) await put({ path: `/${name}`, query: { versioning: '' }, body: versioning })
    if (expirationDays !== undefined)
      await put({ path: `/${name}`, query: { lifecycle: '' }, body: lifecycle(expirationDays) })
  }
  await Promise.all([
    put({ path: `/${foreignBucket}` }),
    ...setup.buckets.map(makeBucket),
    ...setup.buckets.flatMap(({ name, account }) =>
      account === undefined ? [] : put({ path: `/${elsewhere(name)}` }),
    ),
    put({ path: '/minio/admin/v3/import-iam', body: iamArchive(setup) }),
  ])
}

/** S3's PutBucketVersioning. */
const versioning = strToU8('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')

/** The whole bucket's objects expire: S3's PutBucketLifecycleConfiguration. */
function lifecycle(expirationDays: number): Uint8Array {
  const rule = `<ID>expire</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>${expirationDays}</Days></Expiration>`
  return strToU8(`<LifecycleConfiguration><Rule>${rule}</Rule></LifecycleConfiguration>`)
}

/**
 * Policies, users and who has which, as MinIO's `import-iam` takes them: a zip of `iam-assets/*.json`
 * (cmd/admin-handlers-users.go). One request instead of six, and the only one whose body need not be encrypted.
 */
function iamArchive({ buckets, accounts }: StorageSetup): Uint8Array {
  const roles = [
    {
      role: 'acceptance',
      account: accounts.acceptance,
      policy: acceptancePolicy([...buckets.map(({ name }) => name), foreignBucket]),
    },
    ...buckets.flatMap(({ name, account }) =>
      account === undefined ? [] : { role: name, account, policy: systemPolicy(name) },
    ),
  ]
  const files = {
    policies: Object.fromEntries(roles.map(({ role, policy }) => [role, policy])),
    users: Object.fromEntries(
      roles.map(({ account }) => [account.user, { secretKey: account.password.reveal(), status: 'enabled' }]),
    ),
    user_mappings: Object.fromEntries(roles.map(({ role, account }) => [account.user, { version: 1, policy: role }])),
  }
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [`iam-assets/${name}.json`, strToU8(JSON.stringify(content))]),
    ),
  )
}

function signedPut({
  endpoint,
  ca,
  region,
  accounts,
  signal,
}: StorageSetup): (request: SignedRequest) => Promise<void> {
  const dispatcher = new Agent({ connect: { ca } })
  const credentials = { accessKeyId: accounts.root.user, secretAccessKey: accounts.root.password.reveal() }
  const signer = new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false })
  return async ({ path, query = {}, body = new Uint8Array() }) => {
    const deadline = performance.now() + startLimit
    const url = new URL(path, endpoint)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    // S3 asks for a digest of a lifecycle's body; the others do not mind.
    const headers = { host: url.host, 'content-md5': createHash('md5').update(body).digest('base64') }
    for (;;) {
      const { headers: signed } = await signer.sign({
        method: 'PUT',
        protocol: 'https:',
        hostname: url.hostname,
        path,
        query,
        headers,
        body,
      })
      const response = await request(url, { method: 'PUT', headers: signed, body, signal, dispatcher })
      const text = await response.body.text()
      // In a cluster that goes on running, they may be there from the last time.
      if (response.statusCode === 200 || text.includes('BucketAlreadyOwnedByYou')) return
      // While it starts, MinIO answers that it is not initialized yet.
      if (response.statusCode !== 503 || performance.now() > deadline) {
        throw new EnvironmentError(
          `minio did not take PUT ${url.pathname}${url.search}: ${response.statusCode} ${redact(text).slice(0, 500)}`,
        )
      }
      await pause(25, undefined, { signal })
    }
  }
}
