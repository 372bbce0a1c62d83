import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { promtoolVariable } from '../drivers/promtool.ts'
import { formatDuration } from '../duration.ts'
import { type Account, makeAccounts, type StorageAccounts } from '../lab/accounts.ts'
import { CertificateAuthority, makeKeys, privateKeyPem } from '../lab/authority.ts'
import { validFromNow } from '../lab/certificates.ts'
import { labSystems } from '../lab/lab-systems.ts'
import { prepareStorage } from '../lab/minio-setup.ts'
import { findProgram } from '../lab/program.ts'
import { readServerPins } from '../lab/servers.ts'
import { labEnvironment, labTarget } from '../lab/target-file.ts'
import { Secret } from '../secret.ts'
import { type StoringSystemName, storingSystemNames } from '../system-names.ts'
import { answerLocally } from '../target/forwarded-names.ts'
import { openForwards } from '../target/forwards.ts'
import type { TargetFileInput } from '../target/schema.ts'
import { forwardKey, type ServiceAddress, urlOfService } from '../target/service-address.ts'
import { imageName } from './images.ts'
import { adminKubeconfig, type Kubectl, kubectl } from './kubectl.ts'
import type { ClusterPlace } from './place.ts'

/**
 * The systems in the cluster lab: fixtures/cluster/lab, which is what anybody would deploy with the lab's own images, quick
 * times and made-up accounts; and the target file that a person with a kubeconfig would write for it.
 */

const manifests = fileURLToPath(new URL('../../fixtures/cluster/lab/', import.meta.url))
const namespace = 'monitoring'
const clusterName = 'lab'
const readyWithin = '300s'
const expirationDays = 30
const region = 'us-east-1'
const storage: ServiceAddress = { name: 'minio', namespace, port: 9000, secure: true, cluster: clusterName }

export interface DeploymentOptions {
  readonly place: ClusterPlace
  readonly systems: readonly StoringSystemName[]
  readonly signal: AbortSignal
  tell(line: string): void
}

export interface Deployment {
  readonly targetFile: string
  /** The values of the variables that the target file names. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Applies the manifests of these systems and waits until they are ready; a second time it finds them as they are.
 * @throws EnvironmentError with the pods, their events and the last lines of their logs, where one does not become ready
 */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { place, signal, systems, tell } = options
  const { path } = await findProgram('kubectl', { signal, onProgress: () => undefined })
  const control = kubectl(path, place, signal)
  const kept = readKept(place) ?? (await makeKept(place))
  if (systems.length > 0) await deployStorage(options, control, kept)
  const startedAt = performance.now()
  await Promise.all(
    systems.map(async name => {
      const account = kept.accounts.systems[name]
      if (account === undefined) throw new Error(`no account was made for ${name}`)
      await secret(control, `${name}-s3-secret`, {
        S3_ACCESS_KEY_ID: account.user,
        S3_SECRET_ACCESS_KEY: account.password.reveal(),
        S3_ENDPOINT: `${storage.name}.${namespace}.svc:${storage.port}`,
        S3_BUCKET: labSystems[name].bucket,
      })
      await roll(control, name)
      tell(`${name}: ready in the cluster (${formatDuration(performance.now() - startedAt)})`)
    }),
  )
  const { targetFile, environment } = writeTarget(options, kept)
  if (!systems.includes('mimir')) return { targetFile, environment }
  const promtool = await findProgram('promtool', { signal, onProgress: () => undefined })
  return { targetFile, environment: { ...environment, [promtoolVariable]: promtool.path } }
}

/** MinIO with the buckets and the accounts of all that may come. */
async function deployStorage(options: DeploymentOptions, control: Kubectl, kept: Kept): Promise<void> {
  const startedAt = performance.now()
  await control('apply', '--server-side', '--kustomize', join(manifests, 'namespace'))
  await secret(control, 'minio-root', {
    MINIO_ROOT_USER: kept.accounts.root.user,
    MINIO_ROOT_PASSWORD: kept.accounts.root.password.reveal(),
  })
  await secret(control, 'minio-tls', { 'public.crt': kept.certificate, 'private.key': kept.key })
  await object(control, {
    kind: 'ConfigMap',
    metadata: { name: 'storage-authority' },
    data: { 'ca.crt': kept.authority },
  })
  await roll(control, 'minio')
  options.tell(`minio: ready in the cluster (${formatDuration(performance.now() - startedAt)})`)
  await makeBuckets(options, kept)
}

interface Kept {
  readonly accounts: StorageAccounts
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

const account = z.strictObject({ user: z.string(), password: z.string() })
const keptSchema = z.strictObject({
  root: account,
  acceptance: account,
  tempo: account,
  mimir: account,
  authority: z.string(),
  certificate: z.string(),
  key: z.string(),
})

/** What was made up for this cluster, once; it is gone with the cluster's folder. */
function readKept(place: ClusterPlace): Kept | undefined {
  const file = keptFile(place)
  if (!existsSync(file)) return undefined
  const { root, acceptance, tempo, mimir, ...certificates } = keptSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const known = ({ user, password }: z.infer<typeof account>): Account => ({ user, password: new Secret(password) })
  const systems = { tempo: known(tempo), mimir: known(mimir) }
  return { accounts: { root: known(root), acceptance: known(acceptance), systems }, ...certificates }
}

async function makeKept(place: ClusterPlace): Promise<Kept> {
  const accounts = makeAccounts(storingSystemNames)
  const during = validFromNow()
  const authority = await CertificateAuthority.create('CN=observability-acceptance storage authority', during)
  const keys = await makeKeys()
  const names = [`${storage.name}.${namespace}.svc`, `${storage.name}.${namespace}.svc.cluster.local`, storage.name]
  const certificate = await authority.sign({
    subject: `CN=${storage.name}`,
    names: names.map(value => ({ type: 'dns', value }) as const),
    during,
    keys,
  })
  const key = await privateKeyPem(keys)
  const kept = { accounts, authority: authority.certificate, certificate, key }
  const revealed = ({ user, password }: Account) => ({ user, password: password.reveal() })
  const { tempo = accounts.root, mimir = accounts.root } = accounts.systems
  const written: z.infer<typeof keptSchema> = {
    root: revealed(accounts.root),
    acceptance: revealed(accounts.acceptance),
    tempo: revealed(tempo),
    mimir: revealed(mimir),
    authority: kept.authority,
    certificate,
    key,
  }
  writeFileSync(keptFile(place), JSON.stringify(written), { mode: 0o600 })
  return kept
}

function keptFile({ folder }: ClusterPlace): string {
  return join(folder, 'deployment.json')
}

async function makeBuckets({ place, signal }: DeploymentOptions, kept: Kept): Promise<void> {
  const client = KubernetesClient.of({ name: clusterName, namespace, kubeconfig: adminKubeconfig(place) })
  await using forwards = await openForwards([storage], { clientOf: () => client, needed: () => true, signal })
  answerLocally(forwards.names)
  await prepareStorage({
    endpoint: urlOfService(storage, forwards.ports[forwardKey(storage)]),
    ca: kept.authority,
    region,
    buckets: storingSystemNames.flatMap(name => {
      const owner = kept.accounts.systems[name]
      return owner === undefined ? [] : [{ name: labSystems[name].bucket, owner }]
    }),
    expirationDays,
    accounts: kept.accounts,
    signal,
  })
}

function writeTarget({ place, systems }: DeploymentOptions, { accounts, authority }: Kept): Deployment {
  const caFile = join(place.folder, 'storage-authority.crt')
  writeFileSync(caFile, authority)
  const workload = (name: string) => ({ kind: 'StatefulSet' as const, namespace, name })
  const entries: TargetFileInput['systems'] = {
    tempo: {
      http: 'service/tempo:3200',
      otlpGrpc: 'service/tempo:4317',
      otlpHttp: 'service/tempo:4318',
      bucket: labSystems.tempo.bucket,
      storageUser: accounts.systems.tempo?.user,
      workload: workload('tempo'),
    },
    mimir: {
      http: 'service/mimir-gateway:8080',
      multiTenant: true,
      bucket: labSystems.mimir.bucket,
      prefix: 'blocks',
      storageUser: accounts.systems.mimir?.user,
      workload: workload('mimir'),
    },
    kubernetes: { shellImage: imageName('busybox'), version: readServerPins().kubelet.version },
  }
  const chosen = Object.entries(entries).filter(
    ([name]) => name === 'kubernetes' || systems.some(system => system === name),
  )
  const target: TargetFileInput = {
    ...labTarget({
      ...(systems.length > 0 && {
        storage: { endpoint: `https+service/${storage.name}:${storage.port}`, region, caFile, accounts },
      }),
      systems: Object.fromEntries(chosen),
    }),
    name: 'cluster',
    clusters: { [clusterName]: { kubeconfig: adminKubeconfig(place), namespace } },
    allow: { disruption: [namespace] },
  }
  const targetFile = join(place.folder, 'target.yaml')
  writeFileSync(targetFile, stringify(target), { mode: 0o600 })
  return { targetFile, environment: labEnvironment(accounts) }
}

async function roll(control: Kubectl, name: string): Promise<void> {
  await control('apply', '--server-side', '--force-conflicts', '--kustomize', join(manifests, name))
  const ours = `--namespace=${namespace}`
  try {
    await control(ours, 'rollout', 'status', `statefulset/${name}`, `--timeout=${readyWithin}`)
  } catch (error) {
    const { describeTrouble } = await import('./trouble.ts')
    throw await describeTrouble(control, namespace, name, error)
  }
}

async function secret(control: Kubectl, name: string, stringData: Record<string, string>): Promise<void> {
  await object(control, { kind: 'Secret', metadata: { name }, stringData })
}

async function object(control: Kubectl, manifest: Record<string, unknown>): Promise<void> {
  const text = JSON.stringify({ apiVersion: 'v1', ...manifest })
  await control.withInput(text, `--namespace=${namespace}`, 'apply', '--server-side', '--filename=-')
}
