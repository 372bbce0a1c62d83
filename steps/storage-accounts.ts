import { Then } from '@cucumber/cucumber'
import type { Answer } from '../support/drivers/answer.ts'
import { type Access, type Attempt, accesses, type StorageAccount } from '../support/drivers/storage-account.ts'
import { NotApplicable, RequestError } from '../support/errors.ts'
import { listsAll, mayDoAll, mayDoNothing } from '../support/expectations/storage-access.ts'
import { learn } from '../support/prepare.ts'
import type { StoringSystemName } from '../support/system-names.ts'
import { ownStorageAccountOf, storageAccountOf, systemOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { whileChanged } from './evidence/changed.ts'

/** What this scenario tries in a bucket. No folder: to Tempo a folder would be a tenant. */
function objectIn(bucket: string, { probe }: AcceptanceWorld) {
  const key = `acceptance-${probe.run}-${probe.scenario}`
  return { bucket, key, content: Buffer.from(`Written by acceptance run ${probe.run}, to see whether it may be.\n`) }
}

type Place = ReturnType<typeof objectIn>

/** Tries some things in a bucket, one after the other. */
async function tryAll(
  account: StorageAccount,
  tried: readonly Access[],
  places: readonly Place[],
  signal: AbortSignal,
): Promise<Answer<Attempt[]>> {
  const answers: Answer<Attempt>[] = []
  for (const place of places) for (const access of tried) answers.push(await account.attempt(access, place, signal))
  return {
    request: `${tried.join(', ')} ${places.map(({ bucket, key }) => `${bucket}/${key}`).join(', ')}`,
    elapsedMs: answers.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    value: answers.map(({ value }) => value),
  }
}

/** Does something that may leave an object of this scenario in a system's bucket, which is removed again. */
async function withObject(
  world: AcceptanceWorld,
  system: StoringSystemName,
  act: (account: StorageAccount, place: Place) => Promise<void>,
): Promise<void> {
  const { run } = world
  const account = storageAccountOf(run, system)
  const place = objectIn(systemOf(run, system).bucket, world)
  const change = {
    undo: { kind: 'remove-object', system, bucket: place.bucket, key: place.key } as const,
    make: async () => undefined,
    putBack: async (signal: AbortSignal) => {
      const { request, value } = await account.attempt('delete', place, signal)
      if (!value.allowed) throw new RequestError(`${request}: ${value.refusal}`)
    },
  }
  await whileChanged(run, change, async () => await act(account, place))
}

Then(
  "{system}'s storage account may list its bucket, and write, read and delete an object of this run there",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await withObject(this, system, async (account, place) => {
      const ask = (signal: AbortSignal) => tryAll(account, ['list', 'write', 'read', 'delete'], [place], signal)
      await this.eventually(
        { after: 'the first attempt', again: 'transient' },
        { ask, expect: mayDoAll(place.content) },
      )
    })
  },
)

Then(
  "{system}'s storage account may do none of this in any other bucket that the suite sees",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { run } = this
    const own = systemOf(run, system).bucket
    const seen = await learn(run, 'which buckets there are', signal => ownStorageAccountOf(run).buckets(signal))
    const others = seen.filter(bucket => bucket !== own)
    if (others.length === 0)
      throw new NotApplicable("the suite's own storage account sees no other bucket, so none can be tried")
    const account = storageAccountOf(run, system)
    // The last one removes what a bucket that should have refused it has taken.
    const ask = (signal: AbortSignal) =>
      tryAll(
        account,
        accesses,
        others.map(bucket => objectIn(bucket, this)),
        signal,
      )
    await this.eventually({ after: 'the first attempt', again: 'transient' }, { ask, expect: mayDoNothing })
  },
)

Then(
  "{system}'s storage account lists an object of this run in its bucket",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await withObject(this, system, async (account, place) => {
      await learn(this.run, 'whether an object can be written', signal => account.attempt('write', place, signal))
      const ask = (signal: AbortSignal) => account.attempt('list', place, signal)
      await this.eventually({ after: 'the first list', again: 'transient' }, { ask, expect: listsAll([place.key]) })
    })
  },
)
