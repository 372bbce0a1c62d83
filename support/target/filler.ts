import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describeError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { AddressEntry, ClusterEntry, SecretReference, TargetFile, WorkloadReference } from './schema.ts'
import type { UsedService } from './service-address.ts'
import { forwardsVariable, readForwardedPorts, Services } from './services.ts'
import type {
  Address,
  Cluster,
  Discovery,
  KubernetesSystem,
  MimirSystem,
  ObjectStorage,
  PrometheusSystem,
  StorageCredentials,
  Target,
  TempoSystem,
} from './target.ts'

export type Environment = Readonly<Record<string, string | undefined>>
type Path = readonly (string | number)[]
type RunningPart = 'bucket' | 'storageUser' | 'storageSecretKey' | 'workload' | 'version'
type RunningEntry = Pick<NonNullable<TargetFile['systems']['tempo']>, RunningPart>
type DiscoveryEntry = NonNullable<NonNullable<TargetFile['systems']['prometheus']>['discovery']>
type RunningSystem = Pick<TempoSystem, RunningPart>

export function isNotSet(name: string): string {
  return `the environment variable ${name} is not set`
}

/** Turns the written form into the usable one. What is wrong is reported and replaced, so that all of it is found. */
export class Filler {
  readonly #folder: string
  readonly #file: string
  readonly #environment: Environment
  readonly #report: (path: Path, message: string) => void
  #clusters: readonly Cluster[] = []
  #services = new Services([], {})

  constructor(file: string, environment: Environment, report: (path: Path, message: string) => void) {
    this.#folder = dirname(file)
    this.#file = resolve(file)
    this.#environment = environment
    this.#report = report
  }

  /** The Services by which the target that was filled reaches its systems. */
  get services(): UsedService[] {
    return this.#services.used
  }

  target(file: string, { name, s3, systems, clusters, allow, deviations }: TargetFile): Target {
    const named = Object.entries(clusters).map(entry => this.#cluster(...entry))
    this.#clusters = named.length > 0 ? named : [{ name: 'default', namespace: 'monitoring' }]
    const ports = readForwardedPorts(this.#environment[forwardsVariable], this.#file)
    this.#services = new Services(this.#clusters, ports)
    const storage = s3 !== undefined && { s3: this.#storage(s3, systems) }
    return {
      file: resolve(file),
      name,
      ...storage,
      systems: {
        ...storage,
        ...(systems.tempo !== undefined && { tempo: this.#tempo(systems.tempo) }),
        ...(systems.mimir !== undefined && { mimir: this.#mimir(systems.mimir) }),
        ...(systems.prometheus !== undefined && { prometheus: this.#prometheus(systems.prometheus) }),
        ...(systems.kubernetes !== undefined && { kubernetes: this.#kubernetes(systems.kubernetes) }),
      },
      clusters: this.#clusters,
      allow,
      deviations,
    }
  }

  #cluster(name: string, { kubeconfig, context, namespace, impersonate }: ClusterEntry): Cluster {
    return {
      name,
      namespace,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(this.#folder, kubeconfig) }),
      ...(context !== undefined && { context }),
      ...(impersonate !== undefined && { impersonate }),
    }
  }

  #kubernetes({ cluster, shellImage, version }: NonNullable<TargetFile['systems']['kubernetes']>): KubernetesSystem {
    const path = ['systems', 'kubernetes']
    this.#requireCluster(cluster, [...path, 'cluster'])
    const own = this.#clusters.find(({ name }) => name === cluster) ?? this.#clusters[0]
    if (own === undefined) throw new Error('a target has at least one cluster')
    return { cluster: own, shellImage, ...(version !== undefined && { version }) }
  }

  #requireCluster(name: string | undefined, path: Path): void {
    const names = this.#clusters.map(cluster => cluster.name)
    if (name !== undefined && !names.includes(name))
      this.#report(path, `there is no cluster ${name}; under clusters there are ${names.join(', ')}`)
  }

  #tempo(entry: NonNullable<TargetFile['systems']['tempo']>): TempoSystem {
    const path = ['systems', 'tempo']
    const { http, querier, otlpGrpc, otlpHttp, prefix = '', tenant, otlpGrpcPort } = entry
    const httpAddress = this.#address(http, [...path, 'http'])
    return {
      prefix,
      tenant,
      otlpGrpcPort,
      http: httpAddress,
      querier: querier === undefined ? httpAddress : this.#address(querier, [...path, 'querier']),
      otlpGrpc: this.#address(otlpGrpc, [...path, 'otlpGrpc']),
      otlpHttp: this.#address(otlpHttp, [...path, 'otlpHttp']),
      ...this.#running(entry, path),
    }
  }

  #mimir(entry: NonNullable<TargetFile['systems']['mimir']>): MimirSystem {
    const path = ['systems', 'mimir']
    const { http, apiPrefix, httpPort, prefix = '', multiTenant } = entry
    return {
      http: this.#address(http, [...path, 'http']),
      apiPrefix,
      httpPort,
      prefix,
      multiTenant,
      ...this.#running(entry, path),
    }
  }

  #prometheus(entry: NonNullable<TargetFile['systems']['prometheus']>): PrometheusSystem {
    const { http, apiPrefix, tenant, discovery, workload, version } = entry
    const path = ['systems', 'prometheus']
    return {
      http: this.#address(http, [...path, 'http']),
      apiPrefix,
      ...(tenant !== undefined && { tenant }),
      ...(discovery !== undefined && { discovery: this.#discovery(discovery, [...path, 'discovery']) }),
      ...(workload !== undefined && { workload: this.#workload(workload, [...path, 'workload']) }),
      ...(version !== undefined && { version }),
    }
  }

  #discovery(entry: DiscoveryEntry, path: Path): Discovery {
    if ('service' in entry) return { service: this.#address(entry.service, [...path, 'service']) }
    return { ...entry, folder: resolve(this.#folder, entry.folder) }
  }

  /** What is known of every system that runs somewhere and keeps its data in a bucket. */
  #running({ bucket, storageUser, storageSecretKey, workload, version }: RunningEntry, path: Path): RunningSystem {
    return {
      bucket,
      ...(storageUser !== undefined && { storageUser: this.#revealed(storageUser, [...path, 'storageUser']) }),
      ...(storageSecretKey !== undefined && {
        storageSecretKey: this.#secret(storageSecretKey, [...path, 'storageSecretKey']),
      }),
      ...(workload !== undefined && { workload: this.#workload(workload, [...path, 'workload']) }),
      ...(version !== undefined && { version }),
    }
  }

  #address(entry: AddressEntry, path: Path): Address {
    if (typeof entry === 'string') return { url: this.#url(entry, path), headers: {}, ...this.#services.wayTo(entry) }
    const headers: Record<string, string | Secret> = {}
    for (const [name, value] of Object.entries(entry.headers ?? {})) {
      headers[name.toLowerCase()] = typeof value === 'string' ? value : this.#secret(value, [...path, 'headers', name])
    }
    const ways = [headers.authorization, entry.basicAuth, entry.bearerToken].filter(way => way !== undefined)
    if (ways.length > 1)
      this.#report(
        path,
        'authorises in more than one way; keep one of basicAuth, bearerToken and an Authorization header',
      )
    if (entry.basicAuth !== undefined) {
      const password = this.#secret(entry.basicAuth.password, [...path, 'basicAuth', 'password'])
      headers.authorization = authorization(
        'Basic',
        Buffer.from(`${entry.basicAuth.username}:${password.reveal()}`).toString('base64'),
      )
    }
    if (entry.bearerToken !== undefined) {
      headers.authorization = authorization(
        'Bearer',
        this.#secret(entry.bearerToken, [...path, 'bearerToken']).reveal(),
      )
    }
    return {
      url: this.#url(entry.url, [...path, 'url']),
      headers,
      ...this.#services.wayTo(entry.url),
      ...this.#authority(entry.caFile, [...path, 'caFile']),
    }
  }

  #storage(entry: NonNullable<TargetFile['s3']>, { tempo, mimir }: TargetFile['systems']): ObjectStorage {
    const { endpoint, region, forcePathStyle, caFile, credentials, administration, buckets, version } = entry
    return {
      endpoint: this.#url(endpoint, ['s3', 'endpoint']),
      knownAs: this.#services.knownAs(endpoint),
      region,
      forcePathStyle,
      ...this.#authority(caFile, ['s3', 'caFile']),
      credentials: this.#credentials(credentials, ['s3', 'credentials']),
      buckets: {
        ...(tempo !== undefined && { tempo: tempo.bucket }),
        ...(mimir !== undefined && { mimir: mimir.bucket }),
        ...buckets,
      },
      ...(version !== undefined && { version }),
      ...(administration !== undefined && {
        administration: {
          kind: administration.kind,
          credentials: this.#credentials(administration.credentials, ['s3', 'administration', 'credentials']),
        },
      }),
    }
  }

  #credentials(entry: NonNullable<TargetFile['s3']>['credentials'], path: Path): StorageCredentials {
    return {
      accessKeyId: this.#secret(entry.accessKeyId, [...path, 'accessKeyId']),
      secretAccessKey: this.#secret(entry.secretAccessKey, [...path, 'secretAccessKey']),
      ...(entry.sessionToken !== undefined && {
        sessionToken: this.#secret(entry.sessionToken, [...path, 'sessionToken']),
      }),
    }
  }

  #workload(entry: WorkloadReference, path: Path = []): WorkloadReference {
    if (entry.kind !== 'LabProcess') this.#requireCluster(entry.cluster, path)
    return entry.kind === 'LabProcess' ? { ...entry, socket: resolve(this.#folder, entry.socket) } : entry
  }

  #url(text: string, path: Path): URL {
    const [part, system] = path
    const service = this.#services.urlFor(String(part === 'systems' ? system : part), text)
    if (service !== undefined) {
      this.#requireCluster(/@(.*)$/.exec(text)?.[1], path)
      return service
    }
    const url = new URL(text)
    if (url.username !== '' || url.password !== '') {
      this.#report(
        path,
        'holds credentials, which never stand in the file; use basicAuth: {username, password: {env: NAME}}',
      )
    }
    return url
  }

  #revealed(value: string | SecretReference, path: Path): string {
    return typeof value === 'string' ? value : this.#secret(value, path).reveal()
  }

  #secret({ env: name }: SecretReference, path: Path): Secret {
    const value = this.#environment[name] ?? ''
    if (value === '') this.#report(path, isNotSet(name))
    return new Secret(value)
  }

  #authority(file: string | undefined, path: Path): { ca?: string } {
    if (file === undefined) return {}
    const found = resolve(this.#folder, file)
    try {
      const ca = readFileSync(found, 'utf8')
      new X509Certificate(ca)
      return { ca }
    } catch (error) {
      const unread = error instanceof Error && 'syscall' in error
      this.#report(
        path,
        unread ? `${found} cannot be read (${describeError(error)})` : `${found} holds no PEM certificate`,
      )
      return {}
    }
  }
}

/** Servers may echo the whole header or only what follows its scheme: both are kept out of every text. */
function authorization(scheme: string, value: string): Secret {
  new Secret(value)
  return new Secret(`${scheme} ${value}`)
}
