import { Given, Then } from '@cucumber/cucumber'
import type { Answer } from '../support/drivers/answer.ts'
import { sumOf } from '../support/drivers/prometheus-text.ts'
import { hasLine, noStorageErrors, proveLogSearch } from '../support/expectations/log.ts'
import { isCounting } from '../support/expectations/metrics.ts'
import type { Run } from '../support/run.ts'
import { isStoring, type StoringSystemName } from '../support/system-names.ts'
import { mimirOf, tempoOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { disruptions } from './evidence/disruptions.ts'

/** How much of a log belongs to the start: a system has read its bucket by then, and looked for new blocks. */
const startMs = 30_000

/** Requests to its storage that were answered, by a system's own count. */
const answeredRequests: Readonly<
  Record<StoringSystemName, (run: Run, signal: AbortSignal) => Promise<Answer<number | undefined>>>
> = {
  tempo: async (run, signal) => {
    const answer = await tempoOf(run).metrics(signal)
    const answered = answer.value.filter(({ labels }) => labels.status_code?.startsWith('2'))
    return { ...answer, value: sumOf(answered, 'tempodb_backend_request_duration_seconds_count') }
  },
  mimir: async (run, signal) => {
    const answer = await mimirOf(run).metrics(signal)
    const [all, failed = 0] = ['operations', 'operation_failures'].map(what =>
      sumOf(answer.value, `thanos_objstore_bucket_${what}_total`),
    )
    return { ...answer, value: all === undefined ? undefined : all - failed }
  },
}

Given('a search of the log that finds recorded authentication and connection errors', function (this: AcceptanceWorld) {
  for (const system of this.context.systems.filter(isStoring)) proveLogSearch(disruptions[system].keeper.storage.log)
})

/** The lines of the workload's log from its start, as far as the start is still in the log. */
async function linesOfStart(world: AcceptanceWorld, system: StoringSystemName, signal: AbortSignal) {
  const workload = workloadOf(world.run, system)
  const { value: status } = await workload.status(signal)
  const since = status.startedAt ?? new Date(0)
  const answer = await workload.log(since, signal)
  const later =
    status.startedAt === undefined ? [] : (await workload.log(new Date(since.getTime() + startMs), signal)).value
  return { ...answer, value: answer.value.slice(0, answer.value.length - later.length) }
}

Then("it finds none in the log of {system}'s start", async function (this: AcceptanceWorld, system: StoringSystemName) {
  await this.eventually(
    { after: 'the reading', again: 'transient' },
    {
      ask: signal => linesOfStart(this, system, signal),
      expect: noStorageErrors(disruptions[system].keeper.storage.log),
    },
  )
})

Then(
  "it finds none in the log of {system}'s start, nor in that of this run",
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    const workload = workloadOf(this.run, system)
    const ask = async (signal: AbortSignal) => {
      const start = await linesOfStart(this, system, signal)
      const run = await workload.log(this.run.startedAt, signal)
      return { ...run, value: [...start.value, ...run.value] }
    }
    await this.eventually(
      { after: 'the reading', again: 'transient' },
      { ask, expect: noStorageErrors(disruptions[system].keeper.storage.log) },
    )
  },
)

Then("the log of Mimir's start tells that its object storage was checked", async function (this: AcceptanceWorld) {
  await this.eventually(
    { after: 'the reading', again: 'transient' },
    {
      ask: signal => linesOfStart(this, 'mimir', signal),
      expect: hasLine(/Object storage config successfully checked/),
    },
  )
})

Then(
  '{system} counts requests that its storage answered, since its start',
  async function (this: AcceptanceWorld, system: StoringSystemName) {
    await this.eventually(
      { after: 'the reading' },
      { ask: signal => answeredRequests[system](this.run, signal), expect: isCounting },
    )
  },
)
