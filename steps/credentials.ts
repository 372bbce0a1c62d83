import { Given, Then } from '@cucumber/cucumber'
import { Undetermined, Unmet } from '../support/errors.ts'
import { blocksHold } from '../support/expectations/blocks.ts'
import { namesRefusedCredentials, recordsStorageWriteError } from '../support/expectations/log.ts'
import { grewBy } from '../support/expectations/metrics.ts'
import { inTurn } from '../support/questions.ts'
import { workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { blocksWith, storagePatienceMs } from './blocks.ts'
import { outageOf } from './evidence/outage.ts'
import { refusedStartOf } from './evidence/refused-start.ts'
import { judgedWait } from './evidence/waited.ts'
import { acknowledged, judgedPush } from './pushes.ts'

Given("Tempo's storage credentials were invalid for a while", async function (this: AcceptanceWorld) {
  await outageOf(this.run)
})

Then('Tempo acknowledged every trace that was sent meanwhile', async function (this: AcceptanceWorld) {
  const { pushes } = await outageOf(this.run)
  await this.judge({ after: 'the push' }, pushes.map(judgedPush))
})

Then(
  'Tempo held each of them in its memory before the credentials were put right',
  async function (this: AcceptanceWorld) {
    const { pushes, buffered, requests } = await outageOf(this.run)
    const check = () => {
      const missing = pushes.filter(({ trace }) => !buffered.has(trace.traceId))
      if (missing.length > 0)
        throw new Unmet(`Tempo's memory did not hold ${missing.map(({ trace }) => trace.traceId).join(', ')}`)
    }
    await this.judge({ after: 'the push' }, [{ request: requests.memory, check }])
  },
)

Then("Tempo's log of that time records a storage write error", async function (this: AcceptanceWorld) {
  const { lines, requests } = await outageOf(this.run)
  const check = () => recordsStorageWriteError(lines)
  await this.judge({ after: 'the outage' }, [{ request: requests.log, check }])
})

Then("Tempo's count of failed flushes rose in that time", async function (this: AcceptanceWorld) {
  const { failedFlushes, requests } = await outageOf(this.run)
  const check = () => grewBy(failedFlushes.before, 1)(failedFlushes.after)
  await this.judge({ after: 'the outage' }, [{ request: requests.metrics, check }])
})

Then(
  'the bytes of the blocks in the bucket hold each trace that was accepted meanwhile',
  async function (this: AcceptanceWorld) {
    const { pushes } = await outageOf(this.run)
    const accepted = pushes.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).map(acknowledged)
    if (accepted.length === 0)
      throw new Undetermined('Tempo accepted no trace while its credentials were invalid', 'environment')
    await this.eventually(
      { after: 'the credentials were put right', patienceMs: storagePatienceMs },
      inTurn(accepted.map(sent => ({ ask: blocksWith(this.run, sent), expect: blocksHold(sent.trace) }))),
    )
  },
)

Given('Tempo was restarted with storage credentials that are not accepted', async function (this: AcceptanceWorld) {
  await refusedStartOf(this.run)
})

Then("Tempo's log since that start names the refused credentials", async function (this: AcceptanceWorld) {
  const { lines, logRequest: request } = await refusedStartOf(this.run)
  const check = () => namesRefusedCredentials(lines)
  await this.judge({ after: 'the start' }, [{ request, check }])
})

Then('Tempo is ready again once they are put right', async function (this: AcceptanceWorld) {
  const { readyAgain } = await refusedStartOf(this.run)
  const recorded = judgedWait(readyAgain, 'it did not become ready', `status of ${workloadOf(this.run, 'tempo').name}`)
  await this.judge({ after: 'the credentials were put right' }, [recorded])
})
