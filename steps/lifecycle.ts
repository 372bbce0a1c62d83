import { Then, When } from '@cucumber/cucumber'
import type { BucketOwner } from '../support/bucket-owners.ts'
import type { Bucket, LifecycleRule } from '../support/drivers/object-storage.ts'
import { type Moment, now } from '../support/eventually.ts'
import { expiresAfter, hasEnabledRule } from '../support/expectations/lifecycle.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { bucketOf, bucketOfOwner, tempoSystem } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const millisecondsPerDay = 86_400_000
const readingOf = scenarioState<AcceptanceWorld, { since?: Moment; owner?: BucketOwner }>(() => ({}))

When("the lifecycle rules of {owner}'s bucket are read", function (this: AcceptanceWorld, owner: BucketOwner) {
  Object.assign(readingOf(this), { since: now(), owner })
})

Then(
  'one of them expires every object of the tenant after {duration}',
  async function (this: AcceptanceWorld, ageMs: number) {
    const { prefix, tenant } = tempoSystem(this.run)
    const tenantPrefix = `${prefix === '' ? '' : `${prefix}/`}${tenant}/`
    await judge(this, bucketOf(this.run, 'tempo'), expiresAfter(ageMs / millisecondsPerDay, tenantPrefix))
  },
)

/** Judges the rules of a bucket. */
async function judge(
  world: AcceptanceWorld,
  bucket: Bucket,
  expect: (rules: readonly LifecycleRule[]) => void,
): Promise<void> {
  await world.eventually(
    { since: readingOf(world).since, after: 'the reading', again: 'transient' },
    { ask: signal => bucket.lifecycleRules(signal), expect },
  )
}

/** The one whose rules the scenario reads, in an object storage that is under test itself. */
function bucketRead(world: AcceptanceWorld): Bucket {
  const { owner } = readingOf(world)
  if (owner === undefined) throw new RangeError('the lifecycle rules of no bucket were read')
  return bucketOfOwner(world.run, owner)
}

Then('at least one of them is enabled', async function (this: AcceptanceWorld) {
  await judge(this, bucketRead(this), hasEnabledRule)
})

Then(
  'one of them expires every object of the bucket after {duration}',
  async function (this: AcceptanceWorld, ageMs: number) {
    await judge(this, bucketRead(this), expiresAfter(ageMs / millisecondsPerDay, ''))
  },
)
