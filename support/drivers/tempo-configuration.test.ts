import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTempoConfiguration } from './tempo-configuration.ts'

/** The part of a running Tempo's answer that is read, as it answers. */
const answer = `GET /status/config
---
target: all
stream_over_http_enabled: true
distributor:
    receivers:
        otlp:
            protocols:
                grpc:
                    endpoint: 127.0.0.1:4317
                http: null
    max_attribute_bytes: 2048
query_frontend:
    search:
        query_backend_after: 15m0s
compactor:
    compaction:
        compaction_window: 1h0m0s
        block_retention: 336h0m0s
        compacted_block_retention: 1h0m0s
        compaction_cycle: 30s
ingester:
    lifecycler:
        ring:
            replication_factor: 1
    flush_check_period: 500ms
    trace_idle_period: 1.5s
    max_block_duration: 30m0s
    complete_block_timeout: 15m0s
storage:
    trace:
        blocklist_poll: 5m0s
        backend: s3
        s3:
            tls_ca_path: /etc/ca.pem
            tls_server_name: ""
            tls_insecure_skip_verify: false
            bucket: tempo-traces
            prefix: ""
            endpoint: s3.example:9000
            access_key: tempo
            secret_key: '********'
            insecure: false
overrides:
    defaults:
        global:
            max_bytes_per_trace: 5000000
`

test('durations are milliseconds, and a receiver without an endpoint has its default', () => {
  const configuration = parseTempoConfiguration(answer)
  assert.deepEqual(configuration, {
    target: 'all',
    multitenancy: false,
    receivers: { otlpGrpc: '127.0.0.1:4317', otlpHttp: 'localhost:4318' },
    maxAttributeBytes: 2048,
    maxBytesPerTrace: 5_000_000,
    traceIdlePeriodMs: 1_500,
    flushCheckPeriodMs: 500,
    maxBlockDurationMs: 1_800_000,
    completeBlockTimeoutMs: 900_000,
    compactionCycleMs: 30_000,
    compactionWindowMs: 3_600_000,
    blockRetentionMs: 1_209_600_000,
    compactedBlockRetentionMs: 3_600_000,
    blocklistPollMs: 300_000,
    queryBackendAfterMs: 900_000,
    replicationFactor: 1,
    storage: {
      backend: 's3',
      s3: {
        bucket: 'tempo-traces',
        prefix: '',
        endpoint: 's3.example:9000',
        accessKey: 'tempo',
        insecure: false,
        tls: { insecureSkipVerify: false, caPath: '/etc/ca.pem', serverName: '' },
      },
    },
  })
})

test('a receiver that is off, and a backend that is not S3', () => {
  const other = answer.replace('                http: null\n', '').replace('backend: s3', 'backend: gcs')
  const { receivers, storage } = parseTempoConfiguration(other)
  assert.equal(receivers.otlpHttp, undefined)
  assert.deepEqual(storage, { backend: 'gcs', s3: undefined })
})

test('every key that is missing or wrong is named', () => {
  const broken = answer.replace(/ {4}flush_check_period.*\n/, '').replace('1.5s', 'soon')
  assert.throws(
    () => parseTempoConfiguration(broken),
    (error: unknown) => {
      assert.ok(error instanceof Error && error.name === 'RequestError')
      assert.match(error.message, /ingester\.flush_check_period/)
      assert.match(error.message, /ingester\.trace_idle_period: .*"soon" is not a duration/)
      return true
    },
  )
  const bucketless = answer.replace(/ +bucket: .*\n/, '')
  assert.throws(() => parseTempoConfiguration(bucketless), {
    name: 'RequestError',
    message: /storage\.trace\.s3\.bucket/,
  })
  assert.throws(() => parseTempoConfiguration('404 page not found'), {
    name: 'RequestError',
    message: /document|target/,
  })
  assert.throws(() => parseTempoConfiguration('a: [b'), { name: 'RequestError', message: /no YAML/ })
})
