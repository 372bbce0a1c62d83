import type { BucketOwner } from '../bucket-owners.ts'
import type { Secret } from '../secret.ts'
import type { Deviation, WorkloadReference } from './schema.ts'

/** A place to reach over HTTP or gRPC, with everything that a request to it needs. */
export interface Address {
  readonly url: URL
  readonly headers: Readonly<Record<string, string | Secret>>
  /** PEM of the private authority that signed the server's certificate, where it is not a public one. */
  readonly ca?: string
  /** The Service of a cluster that it is. */
  readonly service?: {
    /** As pods of the cluster call it. */
    readonly host: string
    readonly port: number
    /** The suite reaches it through the cluster's API server, which is no way for a sustained load. */
    readonly forwarded: boolean
  }
}

export interface StorageCredentials {
  readonly accessKeyId: Secret
  readonly secretAccessKey: Secret
  readonly sessionToken?: Secret
}

/** A Kubernetes cluster of the target. */
export interface Cluster {
  /** As the target calls it. */
  readonly name: string
  /** A file; undefined: what kubectl would take, or inside a cluster the service account of the pod. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
  /** The user as whom everything is asked. */
  readonly impersonate?: string
}

/** What scenarios about the cluster itself need to know. */
export interface KubernetesSystem {
  readonly cluster: Cluster
  readonly shellImage: string
  readonly version?: string
}

/** The object storage that the systems keep their data in, as the suite reaches it. */
export interface ObjectStorage {
  readonly endpoint: URL
  /** As the systems know it, which is not how the suite reaches it where it is forwarded. */
  readonly knownAs: URL
  readonly region: string
  readonly forcePathStyle: boolean
  readonly ca?: string
  readonly credentials: StorageCredentials
  readonly administration?: { readonly kind: 'minio'; readonly credentials: StorageCredentials }
  /** The names of the buckets, by whose they are. */
  readonly buckets: { readonly [Owner in BucketOwner]?: string }
  readonly version?: string
}

export interface TempoSystem {
  readonly http: Address
  readonly querier: Address
  readonly otlpGrpc: Address
  readonly otlpHttp: Address
  readonly bucket: string
  readonly prefix: string
  readonly tenant: string
  readonly storageUser?: string
  readonly storageSecretKey?: Secret
  readonly otlpGrpcPort: number
  readonly workload?: WorkloadReference
  readonly version?: string
}

export interface MimirSystem {
  readonly http: Address
  /** Where the Prometheus API begins, such as `/prometheus`. */
  readonly apiPrefix: string
  readonly httpPort: number
  readonly bucket: string
  readonly prefix: string
  readonly multiTenant: boolean
  readonly storageUser?: string
  readonly storageSecretKey?: Secret
  readonly workload?: WorkloadReference
  readonly version?: string
}

/** The suite serves a target itself, and announces it by a file. */
export interface FolderDiscovery {
  /** Of Prometheus' `file_sd_configs`: the suite writes a file for each target into it, and removes it again. */
  readonly folder: string
  /** Under which Prometheus reaches the suite. */
  readonly host: string
}

/** How a Prometheus discovers targets of the suite's: in a folder, or at a server that serves them for the suite. */
export type Discovery = FolderDiscovery | { readonly service: Address }

/** A Prometheus that writes to the target's Mimir. */
export interface PrometheusSystem {
  readonly http: Address
  /** Where its API begins, such as `/prometheus`; nothing by default. */
  readonly apiPrefix: string
  /** The tenant under which it writes to Mimir; undefined where Mimir has one only. */
  readonly tenant?: string
  /** How scenarios bring targets of their own. */
  readonly discovery?: Discovery
  readonly workload?: WorkloadReference
  readonly version?: string
}

/** A target file with its secrets, certificates and defaults filled in. */
export interface Target {
  readonly file: string
  readonly name: string
  readonly s3?: ObjectStorage
  readonly systems: {
    readonly tempo?: TempoSystem
    readonly mimir?: MimirSystem
    readonly prometheus?: PrometheusSystem
    /** The object storage once more, as a system that makes promises itself. */
    readonly s3?: ObjectStorage
    readonly kubernetes?: KubernetesSystem
  }
  /** The first one is meant where none is named. */
  readonly clusters: readonly Cluster[]
  readonly allow: { readonly disruption: readonly string[] }
  readonly deviations: readonly Deviation[]
}

/** The namespace in which permission to disrupt a workload is asked for; the lab's processes share the namespace `lab`. */
export function namespaceOf(workload: WorkloadReference): string {
  return workload.kind === 'LabProcess' ? 'lab' : workload.namespace
}
