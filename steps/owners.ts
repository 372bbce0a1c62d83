import { type BucketOwner, bucketOwners } from '../support/bucket-owners.ts'
import { defineTitledType, titles } from './systems.ts'

/** What features call those whose buckets the object storage holds. */
const ownerTitles: Readonly<Record<BucketOwner, string>> = {
  loki: 'Loki',
  tempo: titles.tempo,
  mimir: titles.mimir,
  thanos: 'Thanos',
  opensearch: 'OpenSearch',
  parseable: 'Parseable',
  longhorn: 'Longhorn',
  volsync: 'VolSync',
}

defineTitledType('owner', bucketOwners, ownerTitles)
