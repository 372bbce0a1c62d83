import { Given, Then } from '@cucumber/cucumber'
import { Undetermined, Unmet } from '../support/errors.ts'
import { blocksHold } from '../support/expectations/blocks.ts'
import { namesRefusedCredentials, recordsStorageWriteError } from '../support/expectations/log.ts'
import { blocksHoldSeries } from '../support/expectations/metric-blocks.ts'
import { grewBy } from '../support/expectations/metrics.ts'
import { inTurn } from '../support/questions.ts'
import type { StoringSystemName } from '../support/system-names.ts'
import { workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { blocksWith, storagePatienceMs } from './blocks.ts'
import { type Disruptions, disruptions, ofMimir, ofTempo } from './evidence/disruptions.ts'
import { judgedWait } from './evidence/waited.ts'
import { blocksWithSeries } from './metric-blocks.ts'
import { type Acknowledged, acknowledged, judgedSent, type Sent } from './sent.ts'

Given(
  "{system}'s storage credentials were invalid for a while",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await disruptions[system].outage(this.run)
  },
)

Then(
  '{system} acknowledged every trace/write that was sent meanwhile',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { pushes } = await disruptions[system].outage(this.run)
    await this.judge({ after: 'the push' }, pushes.map(judgedSent))
  },
)

Then(
  '{system} held each of them in its memory before the credentials were put right',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { keeper, outage } = disruptions[system]
    const { pushes, buffered, requests } = await outage(this.run)
    const check = () => {
      const missing = pushes.filter(sent => !buffered.has(sent))
      if (missing.length > 0) throw new Unmet(`its memory did not hold ${missing.map(keeper.nameOf).join(', ')}`)
    }
    await this.judge({ after: 'the push' }, [{ request: requests.memory, check }])
  },
)

Then(
  "{system}'s log of that time records a storage write error",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { keeper, outage } = disruptions[system]
    const { lines, requests } = await outage(this.run)
    const check = () => recordsStorageWriteError(keeper.storage.log)(lines)
    await this.judge({ after: 'the outage' }, [{ request: requests.log, check }])
  },
)

Then(
  "{system}'s count of failed flushes/operations rose in that time",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { failedWrites, requests } = await disruptions[system].outage(this.run)
    const check = () => grewBy(failedWrites.before, 1)(failedWrites.after)
    await this.judge({ after: 'the outage' }, [{ request: requests.metrics, check }])
  },
)

/** What was acknowledged while the credentials were invalid. @throws Undetermined where nothing was */
async function acceptedMeanwhile<Kind extends Sent, Stored>(
  { run }: AcceptanceWorld,
  { outage }: Disruptions<Kind, Stored>,
): Promise<Acknowledged<Kind>[]> {
  const { pushes } = await outage(run)
  const accepted = pushes.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).map(acknowledged)
  if (accepted.length === 0)
    throw new Undetermined('nothing was accepted while the credentials were invalid', 'environment')
  return accepted
}

const sinceRepair = { after: 'the credentials were put right', patienceMs: storagePatienceMs }

Then(
  'the bytes of the blocks in the bucket hold each trace that was accepted meanwhile',
  async function (this: AcceptanceWorld) {
    const accepted = await acceptedMeanwhile(this, ofTempo)
    await this.eventually(
      sinceRepair,
      inTurn(accepted.map(sent => ({ ask: blocksWith(this.run, sent), expect: blocksHold(sent.trace) }))),
    )
  },
)

Then(
  'the bytes of the blocks in the bucket hold every sample that was accepted meanwhile, and queries return them',
  async function (this: AcceptanceWorld) {
    const accepted = await acceptedMeanwhile(this, ofMimir)
    const questions = accepted.flatMap(sent => [
      { ask: blocksWithSeries(this.run, sent), expect: blocksHoldSeries(sent.series) },
      ofMimir.keeper.answers(this.run, sent),
    ])
    await this.eventually(sinceRepair, inTurn<unknown>(questions))
  },
)

Given(
  '{system} was restarted with storage credentials that are not accepted',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await disruptions[system].refusedStart(this.run)
  },
)

Then(
  "{system}'s log since that start names the refused credentials",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { keeper, refusedStart } = disruptions[system]
    const { lines, logRequest: request } = await refusedStart(this.run)
    const check = () => namesRefusedCredentials(keeper.storage.log)(lines)
    await this.judge({ after: 'the start' }, [{ request, check }])
  },
)

Then(
  '{system} is ready again once they are put right',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const { readyAgain } = await disruptions[system].refusedStart(this.run)
    const recorded = judgedWait(readyAgain, 'it did not become ready', `status of ${workloadOf(this.run, system).name}`)
    await this.judge({ after: 'the credentials were put right' }, [recorded])
  },
)
