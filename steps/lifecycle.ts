import { Then, When } from '@cucumber/cucumber'
import { type Moment, now } from '../support/eventually.ts'
import { expiresAfter } from '../support/expectations/lifecycle.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { bucketOf, tempoSystem } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const millisecondsPerDay = 86_400_000
const readingOf = scenarioState<AcceptanceWorld, { since?: Moment }>(() => ({}))

When("the lifecycle rules of Tempo's bucket are read", function (this: AcceptanceWorld) {
  readingOf(this).since = now()
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
