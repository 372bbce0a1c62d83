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

const recorded: readonly RecordedError[] = []
const healthy: readonly string[] = []

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
