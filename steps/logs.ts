import { Given, Then } from '@cucumber/cucumber'
import { sumOf } from '../support/drivers/prometheus-text.ts'
import { noStorageErrors, proveLogSearch } from '../support/expectations/log.ts'
import { isCounting } from '../support/expectations/metrics.ts'
import { tempoOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'

/** How much of a log belongs to the start: Tempo has read its bucket by then, and looked for new blocks. */
const startMs = 30_000
const storageRequests = 'tempodb_backend_request_duration_seconds_count'

Given('a search of the log that finds recorded authentication and connection errors', () => {
  proveLogSearch()
})

/** The lines of the workload's log from its start, as far as the start is still in the log. */
async function linesOfStart(world: AcceptanceWorld, signal: AbortSignal) {
  const workload = workloadOf(world.run, 'tempo')
  const { value: status } = await workload.status(signal)
  const since = status.startedAt ?? new Date(0)
  const answer = await workload.log(since, signal)
  const later =
    status.startedAt === undefined ? [] : (await workload.log(new Date(since.getTime() + startMs), signal)).value
  return { ...answer, value: answer.value.slice(0, answer.value.length - later.length) }
}

Then("it finds none in the log of Tempo's start", async function (this: AcceptanceWorld) {
  await this.eventually(
    { after: 'the reading', again: 'transient' },
    { ask: signal => linesOfStart(this, signal), expect: noStorageErrors },
  )
})

Then("it finds none in the log of Tempo's start, nor in that of this run", async function (this: AcceptanceWorld) {
  const workload = workloadOf(this.run, 'tempo')
  const ask = async (signal: AbortSignal) => {
    const start = await linesOfStart(this, signal)
    const run = await workload.log(this.run.startedAt, signal)
    return { ...run, value: [...start.value, ...run.value] }
  }
  await this.eventually({ after: 'the reading', again: 'transient' }, { ask, expect: noStorageErrors })
})

Then('Tempo counts requests that its storage answered, since its start', async function (this: AcceptanceWorld) {
  const ask = async (signal: AbortSignal) => {
    const answer = await tempoOf(this.run).metrics(signal)
    const answered = answer.value.filter(({ labels }) => labels.status_code?.startsWith('2'))
    return { ...answer, value: sumOf(answered, storageRequests) }
  }
  await this.eventually({ after: 'the reading' }, { ask, expect: isCounting })
})
