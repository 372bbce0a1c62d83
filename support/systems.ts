import type { BucketOwner } from './bucket-owners.ts'
import { KubernetesClient } from './drivers/kubernetes-client.ts'
import { MetricStore } from './drivers/metric-store.ts'
import { Mimir, mimirPlace } from './drivers/mimir.ts'
import { MimirBlocks } from './drivers/mimir-blocks.ts'
import { Bucket } from './drivers/object-storage.ts'
import { Prometheus } from './drivers/prometheus.ts'
import { sumOf } from './drivers/prometheus-text.ts'
import { accountOf, StorageAccount } from './drivers/storage-account.ts'
import { StorageAdministration } from './drivers/storage-administration.ts'
import { Tempo } from './drivers/tempo.ts'
import { TempoBlocks } from './drivers/tempo-block.ts'
import type { Workload } from './drivers/workload.ts'
import { clusterNamed, workloadAt } from './drivers/workload-place.ts'
import { NotApplicable } from './errors.ts'
import type { Run } from './run.ts'
import { isServer, type StoringSystemName, type SystemName } from './system-names.ts'
import type {
  KubernetesSystem,
  MimirSystem,
  ObjectStorage,
  PrometheusSystem,
  Target,
  TempoSystem,
} from './target/target.ts'

/**
 * The parts of the target as drivers, or `NotApplicable` where the target does not have them. A driver is made once for
 * a run and a thread, so that scenarios share its connections and what it has read already.
 */

export function systemOf<Name extends SystemName>(run: Run, name: Name): NonNullable<Target['systems'][Name]> {
  const system = run.target.systems[name]
  if (system === undefined) throw new NotApplicable(`the target has no ${name}`)
  return system
}

export function tempoSystem(run: Run): TempoSystem {
  return systemOf(run, 'tempo')
}

export function mimirSystem(run: Run): MimirSystem {
  return systemOf(run, 'mimir')
}

export function prometheusSystem(run: Run): PrometheusSystem {
  return systemOf(run, 'prometheus')
}

export function objectStorageOf(run: Run): ObjectStorage {
  const { s3 } = run.target
  if (s3 === undefined) throw new NotApplicable('the target file has no s3, so the bucket cannot be read')
  return s3
}

export const tempoOf = perRun(run => new Tempo(tempoSystem(run)))

export const bucketOf = perName(
  (run, name: StoringSystemName) => new Bucket(objectStorageOf(run), systemOf(run, name).bucket),
)

/** The bucket of whoever it is, in an object storage that is under test itself. */
export const bucketOfOwner = perName((run, owner: BucketOwner) => {
  return new Bucket(objectStorageOf(run), bucketNameOf(run, owner), 'product')
})

export function bucketNameOf(run: Run, owner: BucketOwner): string {
  const name = objectStorageOf(run).buckets[owner]
  if (name === undefined) throw new NotApplicable(`the target names no bucket of ${owner} (s3.buckets.${owner})`)
  return name
}

export const blocksOf = perRun(run => new TempoBlocks(bucketOf(run, 'tempo'), tempoSystem(run)))

export const mimirOf = perRun(run => new Mimir(mimirSystem(run)))

/** Mimir's metrics, written and queried as this tenant; undefined: no tenant is named. */
export function storeOf(run: Run, tenant: string | undefined): MetricStore {
  return new MetricStore(mimirPlace(mimirSystem(run), tenant))
}

export const prometheusOf = perRun(run => new Prometheus(prometheusSystem(run)))

/** Prometheus' own metrics, as it answers for them itself. */
export function prometheusStoreOf(run: Run): MetricStore {
  const { http, apiPrefix } = prometheusSystem(run)
  return new MetricStore({ write: http, pushPath: '/api/v1/write', query: http, apiPrefix })
}

export const mimirBlocksOf = perRun(run => new MimirBlocks(bucketOf(run, 'mimir'), mimirSystem(run).prefix))

export const administrationOf = perRun(run => new StorageAdministration(objectStorageOf(run)))

export const workloadOf = perName((run, name: SystemName): Workload => {
  const reference = isServer(name) ? systemOf(run, name).workload : undefined
  if (reference === undefined) throw new NotApplicable(`the target names no workload of ${name}`)
  return workloadAt(reference, run.target.clusters, processMemory(run, name))
})

/** What speaks to the API server of a cluster of the target; the first one, where none is named. */
export function clientOf(run: Run, name?: string): KubernetesClient {
  return KubernetesClient.of(clusterNamed(run.target.clusters, name))
}

/** The cluster that is a system under test itself. */
export function kubernetesSystem(run: Run): KubernetesSystem {
  return systemOf(run, 'kubernetes')
}

/** Memory as a server tells it of itself, for clusters without metrics.k8s.io. */
function processMemory(run: Run, name: SystemName): ((signal: AbortSignal) => Promise<number | undefined>) | undefined {
  const metrics = {
    tempo: (signal: AbortSignal) => tempoOf(run).metrics(signal),
    mimir: (signal: AbortSignal) => mimirOf(run).metrics(signal),
  }
  if (name !== 'tempo' && name !== 'mimir') return undefined
  return async signal => sumOf((await metrics[name](signal)).value, 'process_resident_memory_bytes')
}

/** The access key by which a system signs in to its storage. */
export function storageUserOf(run: Run, name: StoringSystemName): string {
  const { storageUser } = systemOf(run, name)
  if (storageUser === undefined)
    throw new NotApplicable(`the target names no storageUser of ${name}, whose credentials could be made invalid`)
  return storageUser
}

/** The account by which a system signs in to its storage, for the suite to try what it may do. */
export const storageAccountOf = perName((run, name: StoringSystemName) => {
  const account = accountOf(objectStorageOf(run), systemOf(run, name))
  if (account !== undefined) return account
  throw new NotApplicable(`the target names no storageUser and storageSecretKey of ${name}, by which it could be tried`)
})

/** The account by which the suite itself looks at the storage. */
export const ownStorageAccountOf = perRun(run => new StorageAccount(objectStorageOf(run)))

/** In which ways the storage is asked, where it is under test itself. */
const storageWays = {
  'as configured': {},
  'path style': { forcePathStyle: true },
  'region minio': { region: 'minio' },
} as const satisfies Record<string, Partial<ObjectStorage>>
export type StorageWay = keyof typeof storageWays

/** The suite's account in a storage that is under test itself. */
export const storageUnderTestOf = perName(
  (run, way: StorageWay) => new StorageAccount({ ...objectStorageOf(run), ...storageWays[way] }, 'product'),
)

function perRun<Driver extends object>(make: (run: Run) => Driver): (run: Run) => Driver {
  const made = new WeakMap<Run, Driver>()
  return run => {
    const driver = made.get(run) ?? make(run)
    made.set(run, driver)
    return driver
  }
}

function perName<Name extends string, Driver extends object>(
  make: (run: Run, name: Name) => Driver,
): (run: Run, name: Name) => Driver {
  const ofRun = perRun(() => new Map<Name, Driver>())
  return (run, name) => {
    const drivers = ofRun(run)
    const driver = drivers.get(name) ?? make(run, name)
    drivers.set(name, driver)
    return driver
  }
}
