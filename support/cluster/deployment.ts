import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { promtoolVariable } from '../drivers/promtool.ts'
import { formatDuration } from '../duration.ts'
import { bucketsFor } from '../lab/lab-buckets.ts'
import { labSystems } from '../lab/lab-systems.ts'
import { prepareStorage } from '../lab/minio-setup.ts'
import { findProgram } from '../lab/program.ts'
import { readServerPins } from '../lab/servers.ts'
import { labEnvironment, labTarget, storageSecretVariable } from '../lab/target-file.ts'
import { isServer, isStoring, type LabSystemName } from '../system-names.ts'
import { answerLocally } from '../target/forwarded-names.ts'
import { openForwards } from '../target/forwards.ts'
import type { TargetFileInput } from '../target/schema.ts'
import { forwardKey, type ServiceAddress, urlOfService } from '../target/service-address.ts'
import { addImage } from './cluster.ts'
import { imageName } from './images.ts'
import { adminKubeconfig, type Kubectl, kubectl } from './kubectl.ts'
import type { ClusterPlace } from './place.ts'
import { type ClusterSecrets, secretsOf } from './secrets.ts'
import { nodeRecipe } from './suite-image.ts'

/**
 * The systems in the cluster lab: fixtures/cluster/lab, which is what anybody would deploy with the lab's own images, quick
 * times and made-up accounts; and the target file that a person with a kubeconfig would write for it.
 */

const manifests = fileURLToPath(new URL('../../fixtures/cluster/lab/', import.meta.url))
const namespace = 'monitoring'
const clusterName = 'lab'
const readyWithin = '300s'
const region = 'us-east-1'
/** Of its remote_write; fixtures/cluster/lab/prometheus has it too. */
const prometheusTenant = 'prometheus'
const targetsName = 'acceptance-targets'
/** The names under which the storage is known in the cluster. */
const storageNames = ['minio.monitoring.svc', 'minio.monitoring.svc.cluster.local', 'minio']
const storage: ServiceAddress = { name: 'minio', namespace, port: 9000, secure: true, cluster: clusterName }

export interface DeploymentOptions {
  readonly place: ClusterPlace
  /** The object storage comes with any other; it is named where it shall come alone. */
  readonly systems: readonly LabSystemName[]
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
  const secrets = await secretsOf(place, storageNames)
  if (systems.length > 0) await deployStorage(options, control, secrets)
  const startedAt = performance.now()
  await Promise.all(
    systems.filter(isServer).map(async name => {
      if (isStoring(name)) {
        const account = secrets.accounts.systems[name]
        await secret(control, `${name}-s3-secret`, {
          S3_ACCESS_KEY_ID: account.user,
          S3_SECRET_ACCESS_KEY: account.password.reveal(),
          S3_ENDPOINT: `${storage.name}.${namespace}.svc:${storage.port}`,
          S3_BUCKET: labSystems[name].bucket,
        })
      }
      if (name === 'prometheus') await deployTargets(place, control)
      await roll(control, name)
      tell(`${name}: ready in the cluster (${formatDuration(performance.now() - startedAt)})`)
    }),
  )
  const { targetFile, environment } = writeTarget(options, secrets)
  if (!systems.includes('mimir')) return { targetFile, environment }
  const promtool = await findProgram('promtool', { signal, onProgress: () => undefined })
  return { targetFile, environment: { ...environment, [promtoolVariable]: promtool.path } }
}

/** Where scenarios leave what this cluster's Prometheus is to scrape. */
async function deployTargets(place: ClusterPlace, control: Kubectl): Promise<void> {
  const there = await control(`--namespace=${namespace}`, 'get', 'statefulset', targetsName, '--ignore-not-found')
  if (there === '') await addImage(place, await nodeRecipe())
  await roll(control, 'targets', targetsName)
}

/** MinIO with the buckets and the accounts of all that may come. */
async function deployStorage(options: DeploymentOptions, control: Kubectl, secrets: ClusterSecrets): Promise<void> {
  const startedAt = performance.now()
  await control('apply', '--server-side', '--kustomize', join(manifests, 'namespace'))
  await secret(control, 'minio-root', {
    MINIO_ROOT_USER: secrets.accounts.root.user,
    MINIO_ROOT_PASSWORD: secrets.accounts.root.password.reveal(),
  })
  await secret(control, 'minio-tls', { 'public.crt': secrets.certificate, 'private.key': secrets.key })
  await object(control, {
    kind: 'ConfigMap',
    metadata: { name: 'storage-authority' },
    data: { 'ca.crt': secrets.authority },
  })
  await roll(control, 'minio')
  options.tell(`minio: ready in the cluster (${formatDuration(performance.now() - startedAt)})`)
  await makeBuckets(options, secrets)
}

async function makeBuckets({ place, signal }: DeploymentOptions, secrets: ClusterSecrets): Promise<void> {
  const client = KubernetesClient.of({ name: clusterName, namespace, kubeconfig: adminKubeconfig(place) })
  await using forwards = await openForwards([storage], { clientOf: () => client, needed: () => true, signal })
  answerLocally(forwards.names)
  await prepareStorage({
    endpoint: urlOfService(storage, forwards.ports[forwardKey(storage)]),
    ca: secrets.authority,
    region,
    buckets: bucketsFor(secrets.accounts.systems),
    accounts: secrets.accounts,
    signal,
  })
}

function writeTarget({ place, systems }: DeploymentOptions, { accounts, authority }: ClusterSecrets): Deployment {
  const caFile = join(place.folder, 'storage-authority.crt')
  writeFileSync(caFile, authority)
  const workload = (name: string) => ({ kind: 'StatefulSet' as const, namespace, name })
  const { minio, kubelet } = readServerPins()
  const entries: TargetFileInput['systems'] = {
    tempo: {
      http: 'service/tempo:3200',
      otlpGrpc: 'service/tempo:4317',
      otlpHttp: 'service/tempo:4318',
      bucket: labSystems.tempo.bucket,
      storageUser: accounts.systems.tempo.user,
      storageSecretKey: { env: storageSecretVariable('tempo') },
      workload: workload('tempo'),
    },
    mimir: {
      http: 'service/mimir-gateway:8080',
      multiTenant: true,
      bucket: labSystems.mimir.bucket,
      prefix: 'blocks',
      storageUser: accounts.systems.mimir.user,
      storageSecretKey: { env: storageSecretVariable('mimir') },
      workload: workload('mimir'),
    },
    prometheus: {
      http: 'service/prometheus:9090',
      tenant: prometheusTenant,
      discovery: { service: `service/${targetsName}:9464` },
      workload: workload('prometheus'),
    },
    kubernetes: { shellImage: imageName('busybox'), version: kubelet.version },
  }
  const chosen = Object.entries(entries).filter(
    ([name]) => name === 'kubernetes' || systems.some(system => system === name),
  )
  const target: TargetFileInput = {
    ...labTarget({
      ...(systems.length > 0 && {
        storage: {
          endpoint: `https+service/${storage.name}:${storage.port}`,
          region,
          caFile,
          version: minio.version,
          accounts,
        },
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

/** Applies the manifests of a folder, and waits for the StatefulSet in them. */
async function roll(control: Kubectl, folder: string, name = folder): Promise<void> {
  await control('apply', '--server-side', '--force-conflicts', '--kustomize', join(manifests, folder))
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
