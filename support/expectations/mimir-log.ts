import { Unmet } from '../errors.ts'
import type { RecordedError, StorageLog } from './log.ts'

/** What Mimir was about when its storage failed: each is a message of pkg/. */
const contexts = [
  // mimir/sanity_check.go, at the start
  /sanity check|unable to successfully send a request to object storage/i,
  // ingester/ingester_compaction.go and shipper.go
  /shipper failed to synchronize|uploading new block to long-term storage failed|failed to check for tenant deletion mark/,
  // storegateway
  /failed to synchronize TSDB blocks|loading block failed/,
  // compactor
  /failed to (discover users|discover owned users|compact user blocks|read bucket index|run blocks cleanup)|compaction job failed/,
  // querier, ruler, alertmanager
  /failed to (read|load|list|fetch)[^"]*(bucket|rule|config|alert|tenant|user)/,
]
const benign = /context canceled|does not exist|NoSuchKey|not found/

/** Lines that Mimir (main of 23 April 2026, aced80d74930) wrote when its storage was really broken, each in the named way. */
const recorded: readonly RecordedError[] = [
  {
    cause: 'its storage user is disabled while it uploads blocks',
    kind: 'authentication',
    line: 'ts=2026-11-27T19:53:40.694677748Z caller=ingester_compaction.go:99 level=warn msg="shipper failed to synchronize TSDB blocks with the storage" user=acceptance-9f2c uploaded=0 err="check exists: stat s3 object: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'its storage user is disabled while it looks for new blocks',
    kind: 'authentication',
    line: 'ts=2026-11-27T19:53:44.317103411Z caller=gateway.go:346 level=warn msg="failed to synchronize TSDB blocks" reason=periodic err="list owned users: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'its storage user is disabled while it cleans up',
    kind: 'authentication',
    line: 'ts=2026-11-27T19:53:40.088722332Z caller=blocks_cleaner.go:208 level=error component=cleaner msg="failed to discover owned users" err="failed to discover users from bucket: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'its storage user has no permission while it cleans up',
    kind: 'authentication',
    line: 'ts=2026-11-27T20:02:55.687188306Z caller=blocks_cleaner.go:254 level=error component=cleaner run_id=1795809775 task=clean_up_users msg="failed to run blocks cleanup and maintenance" err="failed to discover users from bucket: Access Denied."',
  },
  {
    cause: 'its storage user has no permission while it uploads blocks',
    kind: 'authentication',
    line: 'ts=2026-11-27T20:03:01.070915974Z caller=ingester_compaction.go:99 level=warn msg="shipper failed to synchronize TSDB blocks with the storage" user=acceptance-9f2c uploaded=0 err="check exists: stat s3 object: Access Denied."',
  },
  {
    cause: 'it starts with a bucket that it may not use',
    kind: 'authentication',
    line: 'ts=2026-11-27T19:54:20.396652131Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: Access Denied.; ruler storage: unable to successfully send a request to object storage: Access Denied."',
  },
  {
    cause: 'it gives up to start with a bucket that it may not use',
    kind: 'authentication',
    line: 'ts=2026-11-27T19:55:44.079674542Z caller=mimir.go:1119 level=error msg="module failed" module=sanity-check err="starting module sanity-check: invalid service state: Failed, expected: Running, failure: 2 errors: blocks storage: unable to successfully send a request to object storage: Access Denied.; ruler storage: unable to successfully send a request to object storage: Access Denied."',
  },
  {
    cause: 'it starts with an access key that does not exist',
    kind: 'authentication',
    line: 'ts=2026-11-27T20:01:30.13954338Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: The Access Key Id you provided does not exist in our records.; ruler storage: unable to successfully send a request to object storage: The Access Key Id you provided does not exist in our records."',
  },
  {
    cause: 'it starts with a wrong secret key',
    kind: 'authentication',
    line: 'ts=2026-11-27T20:01:22.138076688Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: The request signature we calculated does not match the signature you provided. Check your key and signing method.; ruler storage: unable to successfully send a request to object storage: The request signature we calculated does not match the signature you provided. Check your key and signing method."',
  },
  {
    cause: 'it starts with a bucket that does not exist',
    kind: 'bucket',
    line: 'ts=2026-11-27T20:04:07.457028711Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: The specified bucket does not exist; ruler storage: unable to successfully send a request to object storage: The specified bucket does not exist"',
  },
  {
    cause: 'the storage is down while it uploads blocks',
    kind: 'connection',
    line: 'ts=2026-11-27T20:03:17.156454899Z caller=ingester_compaction.go:99 level=warn msg="shipper failed to synchronize TSDB blocks with the storage" user=acceptance-9f2c uploaded=0 err="check exists: stat s3 object: Head \\"https://127.0.0.1:27454/mimir-blocks/blocks/acceptance-9f2c/01M8F9N8RG6Q0KYHKKTN769YRN/meta.json\\": dial tcp 127.0.0.1:27454: connect: connection refused"',
  },
  {
    cause: 'the storage is down before it uploads blocks',
    kind: 'connection',
    line: 'ts=2026-11-27T20:03:14.312190811Z caller=ingester_compaction.go:80 level=warn msg="failed to check for tenant deletion mark before shipping blocks" user=acceptance-9f2c err="stat s3 object: Head \\"https://127.0.0.1:27454/mimir-blocks/blocks/acceptance-9f2c/markers/tenant-deletion-mark.json\\": dial tcp 127.0.0.1:27454: connect: connection refused"',
  },
  {
    cause: 'the storage is down while it cleans up',
    kind: 'connection',
    line: 'ts=2026-11-27T20:03:13.462984952Z caller=blocks_cleaner.go:208 level=error component=cleaner msg="failed to discover owned users" err="failed to discover users from bucket: Get \\"https://127.0.0.1:27454/mimir-blocks/?delimiter=%2F&encoding-type=url&fetch-owner=true&list-type=2&prefix=blocks%2F\\": dial tcp 127.0.0.1:27454: connect: connection refused"',
  },
  {
    cause: 'the storage is down when it starts',
    kind: 'connection',
    line: 'ts=2026-11-27T20:04:17.406590115Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: Get \\"https://127.0.0.1:1/mimir-blocks/blocks/sanity-check-at-startup\\": dial tcp 127.0.0.1:1: connect: connection refused; ruler storage: unable to successfully send a request to object storage: Get \\"https://127.0.0.1:1/mimir-blocks/ruler/sanity-check-at-startup\\": dial tcp 127.0.0.1:1: connect: connection refused"',
  },
  {
    cause: 'the host name of the storage is not known',
    kind: 'connection',
    line: 'ts=2026-11-27T20:04:14.609468464Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: Get \\"https://nowhere.invalid:9000/mimir-blocks/blocks/sanity-check-at-startup\\": dial tcp: lookup nowhere.invalid on 127.0.0.53:53: no such host; ruler storage: unable to successfully send a request to object storage: Get \\"https://nowhere.invalid:9000/mimir-blocks/ruler/sanity-check-at-startup\\": dial tcp: lookup nowhere.invalid on 127.0.0.53:53: no such host"',
  },
  {
    cause: 'the certificate of the storage is signed by an unknown authority',
    kind: 'connection',
    line: 'ts=2026-11-27T20:04:15.805202422Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: Get \\"https://127.0.0.1:26014/mimir-blocks/blocks/sanity-check-at-startup\\": tls: failed to verify certificate: x509: certificate signed by unknown authority; ruler storage: unable to successfully send a request to object storage: Get \\"https://127.0.0.1:26014/mimir-blocks/ruler/sanity-check-at-startup\\": tls: failed to verify certificate: x509: certificate signed by unknown authority"',
  },
  {
    cause: 'plain HTTP is spoken to a storage that has HTTPS only',
    kind: 'connection',
    line: 'ts=2026-11-27T20:04:07.349410591Z caller=sanity_check.go:115 level=warn msg="Unable to successfully connect to configured object storage (will retry)" err="2 errors: blocks storage: unable to successfully send a request to object storage: Client sent an HTTP request to an HTTPS server.; ruler storage: unable to successfully send a request to object storage: Client sent an HTTP request to an HTTPS server."',
  },
]

/** Lines of a Mimir whose storage was well, also such as look like trouble. */
const healthy: readonly string[] = [
  'ts=2026-11-27T19:53:19.749702373Z caller=ingester_compaction.go:164 level=warn msg="enforcing minimum delay between TSDB head compaction iterations because the previous iteration approached or exceeded the configured interval" iteration_duration=9.594µs configured_interval=1s extra_delay=10s',
  'ts=2026-11-27T19:54:11.325846155Z caller=bucket.go:2030 level=warn user=acceptance-9f2c block=01M8F9455ZVNMZS58T7VZYSGGX msg="failed to collect on-disk stats" err="stat /data/sync/acceptance-9f2c/01M8F9455ZVNMZS58T7VZYSGGX/sparse-index-header: no such file or directory"',
]

/** How Mimir's log tells of its storage. */
export const mimirLog: StorageLog = {
  contexts,
  writes: /shipper failed to synchronize|uploading new block to long-term storage failed/,
  benign,
  recorded,
  healthy,
}

/** Accepts a log in which no write of this tenant failed. A log without any line at all proves nothing. */
export const noIngestionErrors =
  (tenant: string) =>
  (lines: readonly string[]): void => {
    if (lines.length === 0) throw new Unmet('the log has no lines at all')
    const failed = lines.filter(
      line => /level=(error|warn)/.test(line) && /push|ingest|distributor/i.test(line) && line.includes(tenant),
    )
    if (failed.length > 0) throw new Unmet(`${failed.length} errors of ingestion in the log: ${failed[0]}`)
  }
