import type { RecordedError, StorageLog } from './log.ts'

/** What Tempo was about when its storage failed: each begins the text of an error in modules/ or tempodb/. */
const contexts = [
  // main.go, at the start: "failed to create store: unexpected error from ListObjects on BUCKET: ..."
  /failed to create store/,
  // tempodb.go, on each look for new blocks
  /failed to poll blocklist/,
  // flush.go, on each attempt to write a block
  /error performing op in flushQueue/,
  // backend/s3: reads and writes of single objects
  /error (writing|listing|reading|copying|retrieving|finding)[^"]*(s3|bloom|bucket|backend|block)/,
  /\bs3 (bucket|backend)\b/,
  // compactor.go
  /error during compaction cycle/,
  /failed to (clear|mark|delete|write)[^"]*\b(block|tenant index|tenant indexes)/,
]

/** Not a fault of the storage: the request was given up by Tempo itself, or a block was deleted while it was read. */
const benign = /context canceled|does not exist in (the )?backend|key does not exist|NoSuchKey|block does not exist/

/** Lines that Tempo (main of 29 May 2025, 87c2dc380cec) wrote when its storage was really broken, each in the named way. */
const recorded: readonly RecordedError[] = [
  {
    cause: 'its storage user is disabled while it looks for blocks',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:24:30.939539197Z caller=tempodb.go:666 msg="failed to poll blocklist" err="error listing blocks in s3 bucket, bucket: drv-traces: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'its storage user is disabled while it writes a block',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:24:32.664923279Z caller=flush.go:250 org_id=single-tenant msg="error performing op in flushQueue" op=1 block=be9a15f6-473f-41b6-9e24-51443ec2ee6a attempts=1 err="error copying block from local to remote backend: error writing object to s3 backend, object single-tenant/be9a15f6-473f-41b6-9e24-51443ec2ee6a/data.parquet: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'its storage user is disabled when it starts',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:25:59.21989457Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Your account is disabled; please contact your administrator."',
  },
  {
    cause: 'it starts with an access key that does not exist',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:25:59.338378085Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: The Access Key Id you provided does not exist in our records."',
  },
  {
    cause: 'it starts with a wrong secret key',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:25:59.390204484Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: The request signature we calculated does not match the signature you provided. Check your key and signing method."',
  },
  {
    cause: 'its storage user loses its permissions',
    kind: 'authentication',
    line: 'level=error ts=2026-11-21T03:26:47.24222606Z caller=tempodb.go:666 msg="failed to poll blocklist" err="error listing blocks in s3 bucket, bucket: drv-traces: Access Denied."',
  },
  {
    cause: 'it starts with a bucket that does not exist',
    kind: 'bucket',
    line: 'level=error ts=2026-11-21T03:25:59.452770542Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on no-such-bucket: The specified bucket does not exist"',
  },
  {
    cause: 'its bucket is removed',
    kind: 'bucket',
    line: 'level=error ts=2026-11-21T03:27:03.241827221Z caller=tempodb.go:666 msg="failed to poll blocklist" err="error listing blocks in s3 bucket, bucket: drv-traces: The specified bucket does not exist"',
  },
  {
    cause: 'the storage is down while it looks for blocks',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:25:07.368005433Z caller=tempodb.go:666 msg="failed to poll blocklist" err="error listing blocks in s3 bucket, bucket: drv-traces: Get \\"http://127.0.0.1:17070/drv-traces/?delimiter=%2F&encoding-type=url&prefix=\\": dial tcp 127.0.0.1:17070: connect: connection refused"',
  },
  {
    cause: 'the storage is down while it writes a block',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:25:10.57682732Z caller=flush.go:250 org_id=single-tenant msg="error performing op in flushQueue" op=1 block=546ca5f0-fb51-4a73-91df-eb9ef8386075 attempts=1 err="error copying block from local to remote backend: error writing object to s3 backend, object single-tenant/546ca5f0-fb51-4a73-91df-eb9ef8386075/data.parquet: Put \\"http://127.0.0.1:17070/drv-traces/single-tenant/546ca5f0-fb51-4a73-91df-eb9ef8386075/data.parquet\\": dial tcp 127.0.0.1:17070: connect: connection refused"',
  },
  {
    cause: 'the host name of the storage is not known',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:25:59.518276794Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Get \\"http://nowhere.invalid:17070/drv-traces/?location=\\": dial tcp: lookup nowhere.invalid on 127.0.0.53:53: no such host"',
  },
  {
    cause: 'the certificate of the storage is signed by an unknown authority',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:26:31.923440403Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Get \\"https://127.0.0.1:17070/drv-traces/?location=\\": tls: failed to verify certificate: x509: certificate signed by unknown authority"',
  },
  {
    cause: 'the certificate of the storage is for another host',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:26:40.026760892Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Get \\"https://localhost:17070/drv-traces/?location=\\": tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match localhost"',
  },
  {
    cause: 'HTTPS is spoken to a storage that has none',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:25:59.58593331Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Get \\"https://127.0.0.1:17070/drv-traces/?location=\\": http: server gave HTTP response to HTTPS client"',
  },
  {
    cause: 'plain HTTP is spoken to a storage that has HTTPS only',
    kind: 'connection',
    line: 'level=error ts=2026-11-21T03:26:31.962926055Z caller=main.go:121 msg="error running Tempo" err="failed to init module services: error initialising module: optional-store: failed to create store: unexpected error from ListObjects on drv-traces: Client sent an HTTP request to an HTTPS server."',
  },
]

/** Lines of a Tempo whose storage was well, also such as look like trouble. */
const healthy: readonly string[] = [
  'level=info ts=2026-11-21T02:53:44.93039386Z caller=poller.go:251 msg="blocklist poll complete" seconds=0.002309983',
  'level=warn ts=2026-11-21T03:23:30.932862846Z caller=modules.go:318 msg="metrics-generator is not configured." err="no metrics_generator.storage.path configured, metrics generator will be disabled"',
  'level=warn ts=2026-11-21T03:23:30.936444785Z caller=wal.go:99 msg="unowned file entry ignored during wal replay" file=blocks err=null',
  'level=warn ts=2026-11-21T03:23:59.267123405Z caller=rate_limited_logger.go:38 tenant=single-tenant msg=TRACE_TOO_LARGE max=100000 size=130947 trace=39211ce90033689db660c82cff0219cd',
  'level=info ts=2026-11-21T03:24:32.663974314Z caller=flush.go:334 msg="flushing block" tenant=single-tenant block=be9a15f6-473f-41b6-9e24-51443ec2ee6a',
  'level=info ts=2026-11-21T03:24:28.955338532Z caller=compactor.go:156 msg="compaction cycle complete. No more blocks to compact" tenantID=single-tenant',
]

/** How Tempo's log tells of its storage. */
export const tempoLog: StorageLog = {
  contexts,
  writes: /flushQueue|error writing|PutObject/,
  benign,
  recorded,
  healthy,
}
