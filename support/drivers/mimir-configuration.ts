import { z } from 'zod'
import { checkConfiguration, configurationIn, duration } from './configuration-yaml.ts'

/** An S3 client of a running Mimir, as its configuration tells it. */
interface MimirStorage {
  /** What is kept there. */
  readonly of: 'blocks' | 'rules' | 'alerts'
  readonly bucket: string
  readonly prefix: string
  /** `127.0.0.1:9000`, without a scheme. */
  readonly endpoint: string
  /** Empty where it gets one from elsewhere. */
  readonly accessKeyId: string
  readonly insecure: boolean
  readonly skipsVerification: boolean
}

/** What a running Mimir says of its own configuration, as far as promises depend on it. Durations are milliseconds. */
export interface MimirConfiguration {
  readonly multitenancy: boolean
  readonly httpPort: number
  /** Of those parts whose backend is S3. */
  readonly storages: readonly MimirStorage[]
  /** How much time one block of an ingester covers. */
  readonly blockRangeMs: number
  /** How often ingesters cut blocks, and upload what they have cut. */
  readonly headCompactionMs: number
  readonly shipMs: number
  /** How often the store gateway looks for new blocks, and the compactor tells of them in the bucket's index. */
  readonly syncMs: number
  readonly cleanupMs: number
  /** How soon a query looks again for the index of a bucket that had none. */
  readonly indexRetryMs: number
  readonly compactionMs: number
  readonly firstCompactionWaitMs: number
  /** Where the compactor works, on Mimir's own disk. */
  readonly compactorFolder: string
  /** Queries of older samples leave out the ingesters; 0: none do. */
  readonly queryIngestersWithinMs: number
  readonly outOfOrderWindowMs: number
  readonly creationGraceMs: number
  readonly mostLabels: number
  readonly nativeHistograms: boolean
  /** Of all series of a tenant together; 0: none is kept. */
  readonly mostExemplars: number
}

const s3 = z.object({
  endpoint: z.string(),
  bucket_name: z.string(),
  access_key_id: z.string(),
  insecure: z.boolean(),
  http: z.object({ insecure_skip_verify: z.boolean() }),
})
const storage = z.object({ backend: z.string(), s3, storage_prefix: z.string() })

const schema = z.object({
  multitenancy_enabled: z.boolean(),
  server: z.object({ http_listen_port: z.int() }),
  blocks_storage: storage.extend({
    bucket_store: z.object({
      sync_interval: duration,
      bucket_index: z.object({ update_on_error_interval: duration }),
    }),
    tsdb: z.object({
      block_ranges_period: z.array(duration).min(1),
      ship_interval: duration,
      head_compaction_interval: duration,
    }),
  }),
  ruler_storage: storage,
  alertmanager_storage: storage,
  compactor: z.object({
    data_dir: z.string(),
    compaction_interval: duration,
    cleanup_interval: duration,
    first_level_compaction_wait_period: duration,
  }),
  limits: z.object({
    query_ingesters_within: duration,
    out_of_order_time_window: duration,
    creation_grace_period: duration,
    max_label_names_per_series: z.int(),
    native_histograms_ingestion_enabled: z.boolean(),
    max_global_exemplars_per_user: z.int(),
  }),
})

/**
 * Reads the answer of `GET /config` (Mimir documentation, "HTTP API", Configuration): the whole configuration in YAML.
 * @throws RequestError naming each key that is missing or not as expected
 */
export function parseMimirConfiguration(text: string): MimirConfiguration {
  const found = checkConfiguration(schema, configurationIn(text, 'Mimir'), 'Mimir')
  const { blocks_storage: blocks, compactor, limits } = found
  const [blockRangeMs = 0] = blocks.tsdb.block_ranges_period
  return {
    multitenancy: found.multitenancy_enabled,
    httpPort: found.server.http_listen_port,
    storages: [
      ...storageOf('blocks', blocks),
      ...storageOf('rules', found.ruler_storage),
      ...storageOf('alerts', found.alertmanager_storage),
    ],
    blockRangeMs,
    headCompactionMs: blocks.tsdb.head_compaction_interval,
    shipMs: blocks.tsdb.ship_interval,
    syncMs: blocks.bucket_store.sync_interval,
    cleanupMs: compactor.cleanup_interval,
    indexRetryMs: blocks.bucket_store.bucket_index.update_on_error_interval,
    compactionMs: compactor.compaction_interval,
    firstCompactionWaitMs: compactor.first_level_compaction_wait_period,
    compactorFolder: compactor.data_dir,
    queryIngestersWithinMs: limits.query_ingesters_within,
    outOfOrderWindowMs: limits.out_of_order_time_window,
    creationGraceMs: limits.creation_grace_period,
    mostLabels: limits.max_label_names_per_series,
    nativeHistograms: limits.native_histograms_ingestion_enabled,
    mostExemplars: limits.max_global_exemplars_per_user,
  }
}

function storageOf(of: MimirStorage['of'], { backend, s3, storage_prefix }: z.infer<typeof storage>): MimirStorage[] {
  if (backend !== 's3') return []
  return [
    {
      of,
      bucket: s3.bucket_name,
      prefix: storage_prefix,
      endpoint: s3.endpoint,
      accessKeyId: s3.access_key_id,
      insecure: s3.insecure,
      skipsVerification: s3.http.insecure_skip_verify,
    },
  ]
}
