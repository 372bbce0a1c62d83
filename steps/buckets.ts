import { Then, When } from '@cucumber/cucumber'
import type { BucketOwner } from '../support/bucket-owners.ts'
import { type Moment, now } from '../support/eventually.ts'
import { holdsBucket, keepsVersions } from '../support/expectations/buckets.ts'
import { mayDoAll } from '../support/expectations/storage-access.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { bucketNameOf, bucketOfOwner, type StorageWay, storageUnderTestOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const readingOf = scenarioState<AcceptanceWorld, { since?: Moment; owner?: BucketOwner; way?: StorageWay }>(() => ({}))

When('the buckets of the object storage are listed', function (this: AcceptanceWorld) {
  readingOf(this).since = now()
})

Then("the list holds {owner}'s bucket", async function (this: AcceptanceWorld, owner: BucketOwner) {
  const { run } = this
  await this.eventually(
    { since: readingOf(this).since, after: 'the first list', again: 'transient' },
    {
      ask: signal => storageUnderTestOf(run, 'as configured').buckets(signal),
      expect: holdsBucket(bucketNameOf(run, owner)),
    },
  )
})

When("the versioning of {owner}'s bucket is read", function (this: AcceptanceWorld, owner: BucketOwner) {
  Object.assign(readingOf(this), { since: now(), owner })
})

Then('it is enabled', async function (this: AcceptanceWorld) {
  const { since, owner } = readingOf(this)
  if (owner === undefined) throw new RangeError('the versioning of no bucket was read')
  await this.eventually(
    { since, after: 'the reading', again: 'transient' },
    { ask: signal => bucketOfOwner(this.run, owner).versioning(signal), expect: keepsVersions },
  )
})

When("the object storage is asked with the suite's own account", function (this: AcceptanceWorld) {
  Object.assign(readingOf(this), { since: now(), way: 'as configured' })
})

When('the object storage is asked by URLs of the path style', function (this: AcceptanceWorld) {
  Object.assign(readingOf(this), { since: now(), way: 'path style' })
})

When('the object storage is asked in region minio', function (this: AcceptanceWorld) {
  Object.assign(readingOf(this), { since: now(), way: 'region minio' })
})

Then("it lists the objects of {owner}'s bucket", async function (this: AcceptanceWorld, owner: BucketOwner) {
  const { since, way = 'as configured' } = readingOf(this)
  const bucket = bucketNameOf(this.run, owner)
  const content = Buffer.alloc(0)
  await this.eventually(
    { since, after: 'the first attempt', again: 'transient' },
    {
      ask: signal => storageUnderTestOf(this.run, way).attempt('list', { bucket, key: '', content }, signal),
      expect: attempt => mayDoAll(content)([attempt]),
    },
  )
})
