import { Then, When } from '@cucumber/cucumber'
import type { BucketOwner } from '../support/bucket-owners.ts'
import type { LifecycleRule } from '../support/drivers/object-storage.ts'
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
    await this.eventually(
      { since: readingOf(this).since, after: 'the reading', again: 'transient' },
      {
        ask: signal => bucketOf(this.run, 'tempo').lifecycleRules(signal),
        expect: expiresAfter(ageMs / millisecondsPerDay, tenantPrefix),
      },
    )
  },
)

/** Judges the rules of the bucket that the scenario reads, in an object storage that is under test itself. */
async function judge(world: AcceptanceWorld, expect: (rules: readonly LifecycleRule[]) => void): Promise<void> {
  const { since, owner } = readingOf(world)
  if (owner === undefined) throw new RangeError('the lifecycle rules of no bucket were read')
  await world.eventually(
    { since, after: 'the reading', again: 'transient' },
    { ask: signal => bucketOfOwner(world.run, owner).lifecycleRules(signal), expect },
  )
}

Then('at least one of them is enabled', async function (this: AcceptanceWorld) {
  await judge(this, hasEnabledRule)
})

Then(
  'one of them expires every object of the bucket after {duration}',
  async function (this: AcceptanceWorld, ageMs: number) {
    await judge(this, expiresAfter(ageMs / millisecondsPerDay, ''))
  },
)
