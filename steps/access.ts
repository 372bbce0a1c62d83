import { Given, Then } from '@cucumber/cucumber'
import { Unmet } from '../support/errors.ts'
import { learnOf } from '../support/prepare.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { scratchOf } from './scratch.ts'

const account = 'reader'
const refused = 403

Given('a service account that may list ConfigMaps of its namespace', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const granted = { resource: 'configmaps', verbs: ['list'] }
  await learnOf(this.run, 'the service account', signal => scratch.account(account, granted, signal))
})

Then(
  'the access review allows it to list ConfigMaps there, and not to list Secrets',
  async function (this: AcceptanceWorld) {
    const scratch = await scratchOf(this)
    const review = (resource: string, expected: boolean) => ({
      ask: (signal: AbortSignal) => scratch.allows(account, 'list', resource, signal),
      expect: (allowed: boolean) => {
        if (allowed !== expected)
          throw new Unmet(`the review says that it may ${allowed ? '' : 'not '}list ${resource}`)
      },
    })
    // A role takes a moment to be in force; what it does not grant must never be allowed.
    await this.eventuallyAll({ after: 'the grant' }, [review('configmaps', true), review('secrets', false)])
  },
)

Then('with its own token it lists ConfigMaps, and is refused Secrets with 403', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const attempt = (resource: 'configmaps' | 'secrets', expected: number) => ({
    ask: (signal: AbortSignal) => scratch.listsAs(account, resource, signal),
    expect: (status: number) => {
      if (status !== expected) throw new Unmet(`listing ${resource} was answered with ${status}, not ${expected}`)
    },
  })
  await this.eventuallyAll({ after: 'the grant' }, [attempt('configmaps', 200), attempt('secrets', refused)])
})
