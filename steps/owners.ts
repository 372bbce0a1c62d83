import { defineParameterType } from '@cucumber/cucumber'
import { type BucketOwner, bucketOwners } from '../support/bucket-owners.ts'

/** What features call those whose buckets the object storage holds. */
const titles: Readonly<Record<BucketOwner, string>> = {
  loki: 'Loki',
  tempo: 'Tempo',
  mimir: 'Mimir',
  thanos: 'Thanos',
  opensearch: 'OpenSearch',
  parseable: 'Parseable',
  longhorn: 'Longhorn',
  volsync: 'VolSync',
}

defineParameterType({
  name: 'owner',
  regexp: new RegExp(Object.values(titles).join('|')),
  transformer: (title: string): BucketOwner => {
    const found = bucketOwners.find(owner => titles[owner] === title)
    if (found === undefined) throw new RangeError(`no bucket is ${title}'s`)
    return found
  },
})
