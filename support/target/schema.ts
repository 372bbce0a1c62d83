import { z } from 'zod'
import { bucketOwners } from '../bucket-owners.ts'
import { isServiceAddress, serviceForm } from './service-address.ts'

/** A secret is never written into a target file, only the name of the environment variable that holds it. */
const secret = z.strictObject(
  { env: z.string().min(1) },
  { error: 'expected {env: NAME}, the environment variable that holds it' },
)
const place = `a URL such as http://127.0.0.1:3200, or ${serviceForm} of a cluster`
/** A URL, or a Service of one of the target's clusters. */
const httpUrl = z.union([z.url({ protocol: /^https?$/ }), z.string().refine(isServiceAddress)], {
  error: `expected ${place}`,
})
const file = z.string().min(1)

const address = z.union(
  [
    httpUrl,
    z.strictObject({
      url: httpUrl,
      headers: z.record(z.string(), z.union([z.string(), secret])).optional(),
      basicAuth: z.strictObject({ username: z.string(), password: secret }).optional(),
      bearerToken: secret.optional(),
      caFile: file.optional(),
    }),
  ],
  { error: `expected ${place}, or {url, headers, basicAuth, bearerToken, caFile}` },
)

const workload = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.enum(['StatefulSet', 'Deployment', 'DaemonSet']),
      namespace: z.string().min(1),
      name: z.string().min(1),
      /** Which of the target's clusters; the first one where it is left out. */
      cluster: z.string().min(1).optional(),
    }),
    z.strictObject({ kind: z.literal('LabProcess'), socket: file, name: z.string().min(1) }),
  ],
  {
    error: 'expected {kind: StatefulSet | Deployment | DaemonSet, namespace, name} or {kind: LabProcess, socket, name}',
  },
)

const credentials = z.strictObject({ accessKeyId: secret, secretAccessKey: secret, sessionToken: secret.optional() })

const s3 = z.strictObject({
  endpoint: httpUrl,
  region: z.string().default('us-east-1'),
  forcePathStyle: z.boolean().default(true),
  caFile: file.optional(),
  credentials,
  /** Whose bucket is which; those of systems that have an entry of their own are known from there. */
  buckets: z.partialRecord(z.enum(bucketOwners), z.string().min(1)).default({}),
  /** An account that may disable and enable storage users; MinIO's administration interface at the same endpoint. */
  administration: z.strictObject({ kind: z.literal('minio'), credentials }).optional(),
  /** What the installer knows of the version; S3 does not tell it. */
  version: z.string().optional(),
})

const tempo = z.strictObject({
  http: address,
  querier: address.optional(),
  otlpGrpc: address,
  otlpHttp: address,
  bucket: z.string().min(1),
  /** Tempo's `storage.trace.s3.prefix`: the folder of the bucket in which the tenants lie. */
  prefix: z.string().optional(),
  tenant: z.string().min(1).default('single-tenant'),
  /** The access key by which Tempo itself signs in to the storage; needed to disable it and to enable it again. */
  storageUser: z.union([z.string(), secret]).optional(),
  /** The secret key of that account; needed to try what it may do in the storage, and what it may not. */
  storageSecretKey: secret.optional(),
  /** The port on which Tempo's own OTLP gRPC receiver listens, where it is not 4317. */
  otlpGrpcPort: z.int().positive().default(4317),
  workload: workload.optional(),
  /** What the installer knows of the version, for builds that do not tell it. */
  version: z.string().optional(),
})

const mimir = z.strictObject({
  /** Mimir itself, or the gateway before it. */
  http: address,
  /** Where the Prometheus API begins on it. */
  apiPrefix: z
    .union([z.literal(''), z.string().regex(/^\/.*[^/]$/, 'expected a path such as /prometheus, or nothing')])
    .default('/prometheus'),
  bucket: z.string().min(1),
  /** Mimir's blocks_storage.storage_prefix. */
  prefix: z.string().optional(),
  /** The port on which Mimir's own HTTP server listens, where it is not 8080. */
  httpPort: z.int().positive().default(8080),
  /** Whether each request must name its tenant; then every scenario writes to one of its own. */
  multiTenant: z.boolean().default(false),
  /** The access key by which Mimir itself signs in to the storage; needed to disable it and to enable it again. */
  storageUser: z.union([z.string(), secret]).optional(),
  /** The secret key of that account; needed to try what it may do in the storage, and what it may not. */
  storageSecretKey: secret.optional(),
  workload: workload.optional(),
  /** What the installer knows of the version, for builds that do not tell it. */
  version: z.string().optional(),
})

const prometheus = z.strictObject({
  http: address,
  /** Prometheus' web.route-prefix. */
  apiPrefix: z
    .string()
    .regex(/^\/.*[^/]$/, 'expected a path such as /prometheus')
    .or(z.literal(''))
    .default(''),
  /** The tenant under which it writes to Mimir: the X-Scope-OrgID of its remote_write. */
  tenant: z.string().min(1).optional(),
  /**
   * Where scenarios bring targets of their own: a folder of its file_sd_configs, and how it reaches the suite; or a server
   * of its http_sd_configs (fixtures/cluster/base/targets), which serves them for the suite.
   */
  discovery: z
    .union([
      z.strictObject({ folder: file, host: z.string().min(1).default('127.0.0.1') }),
      z.strictObject({ service: address }),
    ])
    .optional(),
  workload: workload.optional(),
  /** What the installer knows of the version, for builds that do not tell it. */
  version: z.string().optional(),
})

/** How a cluster is reached: a kubeconfig, or from inside the service account of the pod. */
const cluster = z.strictObject({
  /** Where it is left out: what KUBECONFIG names, ~/.kube/config, or inside a cluster the pod's service account. */
  kubeconfig: file.optional(),
  context: z.string().min(1).optional(),
  /** In which Services and Secrets are meant that name no namespace. */
  namespace: z.string().min(1).default('monitoring'),
  /** Under whose name everything is asked (kubectl's --as), such as system:serviceaccount:monitoring:acceptance. */
  impersonate: z.string().min(1).optional(),
})

const kubernetes = z.strictObject({
  /** Which of the target's clusters; the first one where it is left out. */
  cluster: z.string().min(1).optional(),
  /** An image with a shell and the usual tools, for pods of scenarios. */
  shellImage: z.string().min(1).default('docker.io/library/busybox:1.37.0'),
  /** What the installer knows of the version, for builds that do not tell it. */
  version: z.string().optional(),
})

const deviation = z.strictObject({
  requirement: z.string().min(1),
  reason: z.string().min(1),
  owner: z.string().min(1),
  until: z.iso.date(),
})

/** The form of a target file, as it is written. */
export const targetSchema = z.strictObject({
  name: z.string().min(1),
  s3: s3.optional(),
  systems: z.strictObject({
    tempo: tempo.optional(),
    mimir: mimir.optional(),
    prometheus: prometheus.optional(),
    kubernetes: kubernetes.optional(),
  }),
  /** By names of the target's own; without any, the one that kubectl would speak to is called default. */
  clusters: z
    .record(z.string().regex(/^[\w.-]+$/, 'expected a name of letters, digits, dots and dashes'), cluster)
    .default({}),
  allow: z.strictObject({ disruption: z.array(z.string()).default([]) }).default({ disruption: [] }),
  deviations: z.array(deviation).default([]),
})

export type TargetFile = z.infer<typeof targetSchema>
export type TargetFileInput = z.input<typeof targetSchema>
export type SecretReference = z.infer<typeof secret>
export type AddressEntry = z.infer<typeof address>
export type WorkloadReference = z.infer<typeof workload>
export type ClusterEntry = z.infer<typeof cluster>
export type Deviation = z.infer<typeof deviation>
