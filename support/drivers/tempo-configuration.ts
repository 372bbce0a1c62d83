import { z } from 'zod'
import { checkConfiguration, configurationIn, duration } from './configuration-yaml.ts'

/** What a running Tempo says of its own configuration, as far as promises depend on it. Durations are milliseconds. */
export interface TempoConfiguration {
  readonly target: string
  readonly multitenancy: boolean
  readonly receivers: {
    /** `0.0.0.0:4317`; undefined where the receiver is off. */
    readonly otlpGrpc: string | undefined
    readonly otlpHttp: string | undefined
  }
  readonly maxAttributeBytes: number
  readonly maxBytesPerTrace: number
  readonly traceIdlePeriodMs: number
  readonly flushCheckPeriodMs: number
  readonly maxBlockDurationMs: number
  readonly completeBlockTimeoutMs: number
  readonly compactionCycleMs: number
  readonly compactionWindowMs: number
  readonly blockRetentionMs: number
  readonly compactedBlockRetentionMs: number
  readonly blocklistPollMs: number
  /** Younger traces are searched for in the ingesters only. */
  readonly queryBackendAfterMs: number
  readonly replicationFactor: number
  readonly storage: { readonly backend: string; readonly s3: S3Configuration | undefined }
}

interface S3Configuration {
  readonly bucket: string
  readonly prefix: string
  /** `127.0.0.1:9000`, without a scheme. */
  readonly endpoint: string
  /** The access key that it signs in with, which Tempo does not mask; empty where it gets one from elsewhere. */
  readonly accessKey: string
  /** Whether it is plain HTTP. */
  readonly insecure: boolean
  readonly tls: { readonly insecureSkipVerify: boolean; readonly caPath: string; readonly serverName: string }
}

const protocol = z.object({ endpoint: z.string().optional() }).nullable().optional()

const s3 = z.object({
  bucket: z.string(),
  prefix: z.string(),
  endpoint: z.string(),
  access_key: z.string(),
  insecure: z.boolean(),
  tls_insecure_skip_verify: z.boolean(),
  tls_ca_path: z.string(),
  tls_server_name: z.string(),
})

const schema = z.object({
  target: z.string(),
  // Left out by Tempo where it is off.
  multitenancy_enabled: z.boolean().default(false),
  distributor: z.object({
    receivers: z.object({
      otlp: z.object({ protocols: z.object({ grpc: protocol, http: protocol }) }).optional(),
    }),
    max_attribute_bytes: z.int(),
  }),
  ingester: z.object({
    trace_idle_period: duration,
    flush_check_period: duration,
    max_block_duration: duration,
    complete_block_timeout: duration,
    lifecycler: z.object({ ring: z.object({ replication_factor: z.int() }) }),
  }),
  compactor: z.object({
    compaction: z.object({
      compaction_cycle: duration,
      compaction_window: duration,
      block_retention: duration,
      compacted_block_retention: duration,
    }),
  }),
  query_frontend: z.object({ search: z.object({ query_backend_after: duration }) }),
  storage: z.object({ trace: z.object({ backend: z.string(), blocklist_poll: duration, s3: z.unknown() }) }),
  overrides: z.object({ defaults: z.object({ global: z.object({ max_bytes_per_trace: z.int() }) }) }),
})

/** Where the OTLP receivers listen that are switched on without an endpoint (OpenTelemetry collector, otlpreceiver). */
const defaultEndpoints = { grpc: 'localhost:4317', http: 'localhost:4318' }

/**
 * Reads the answer of `GET /status/config`: a line that repeats the request, then the whole configuration in YAML, with
 * Tempo's defaults filled in and secrets masked.
 * @throws RequestError naming each key that is missing or not as expected
 */
export function parseTempoConfiguration(text: string): TempoConfiguration {
  const found = checkConfiguration(schema, configurationIn(text.replace(/^GET [^\n]*\n(?=---)/, ''), 'Tempo'), 'Tempo')
  const { distributor, ingester, storage, compactor } = found
  const protocols = distributor.receivers.otlp?.protocols ?? {}
  const endpoint = (name: 'grpc' | 'http') =>
    name in protocols ? (protocols[name]?.endpoint ?? defaultEndpoints[name]) : undefined
  return {
    target: found.target,
    multitenancy: found.multitenancy_enabled,
    receivers: { otlpGrpc: endpoint('grpc'), otlpHttp: endpoint('http') },
    maxAttributeBytes: distributor.max_attribute_bytes,
    maxBytesPerTrace: found.overrides.defaults.global.max_bytes_per_trace,
    traceIdlePeriodMs: ingester.trace_idle_period,
    flushCheckPeriodMs: ingester.flush_check_period,
    maxBlockDurationMs: ingester.max_block_duration,
    completeBlockTimeoutMs: ingester.complete_block_timeout,
    compactionCycleMs: compactor.compaction.compaction_cycle,
    compactionWindowMs: compactor.compaction.compaction_window,
    blockRetentionMs: compactor.compaction.block_retention,
    compactedBlockRetentionMs: compactor.compaction.compacted_block_retention,
    blocklistPollMs: storage.trace.blocklist_poll,
    queryBackendAfterMs: found.query_frontend.search.query_backend_after,
    replicationFactor: ingester.lifecycler.ring.replication_factor,
    storage: {
      backend: storage.trace.backend,
      s3: storage.trace.backend === 's3' ? s3Of(storage.trace.s3) : undefined,
    },
  }
}

function s3Of(found: unknown): S3Configuration {
  const {
    bucket,
    prefix,
    endpoint,
    access_key: accessKey,
    insecure,
    ...tls
  } = checkConfiguration(s3, found, 'Tempo', 'storage.trace.s3.')
  return {
    bucket,
    prefix,
    endpoint,
    accessKey,
    insecure,
    tls: {
      insecureSkipVerify: tls.tls_insecure_skip_verify,
      caPath: tls.tls_ca_path,
      serverName: tls.tls_server_name,
    },
  }
}
