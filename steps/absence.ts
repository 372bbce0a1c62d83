import { Then, When } from '@cucumber/cucumber'
import { formatDuration } from '../support/duration.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import { elapse, type Moment, now } from '../support/eventually.ts'
import { isCounted, keptForMs, type Loss, lostOf } from '../support/expectations/remote-write.ts'
import { isReady } from '../support/expectations/workloads.ts'
import { learn, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { prometheusOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { prometheusConfiguration } from './configurations.ts'
import { whileChanged } from './evidence/changed.ts'
import { countsNow } from './remote-write.ts'
import { askBoth, exposed, untilScraped } from './scraping.ts'

/** For how long more than samples are kept Mimir is away, so that some are too old for certain. */
const beyondMs = 5_000
const longestAbsenceMs = 10 * 60_000

interface Absence {
  readonly begun: Moment
  readonly ended: Moment
  /** What Prometheus had counted as too old before. */
  readonly countedBefore: number
}

const absenceOf = scenarioState<AcceptanceWorld, { absence?: Absence }>(() => ({}))

When(
  'Mimir is away for longer than Prometheus keeps samples that it could not send',
  async function (this: AcceptanceWorld) {
    const { run } = this
    const keptMs = keptForMs((await prometheusConfiguration(run)).remoteWrites)
    if (keptMs === undefined) {
      throw new NotApplicable(
        'Prometheus keeps samples for as long as its write-ahead log has them; set sample_age_limit in queue_config',
      )
    }
    if (keptMs + beyondMs > longestAbsenceMs) {
      throw new NotApplicable(
        `Prometheus keeps samples for ${formatDuration(keptMs)}, and Mimir is not kept away for more than ${formatDuration(longestAbsenceMs)}`,
      )
    }
    const workload = workloadOf(run, 'mimir')
    const instances = await learn(run, 'how many instances of Mimir there are', signal => workload.instances(signal))
    if (instances === 0) throw new Undetermined('there is no instance of Mimir at all', 'environment')
    const { tooOld: countedBefore } = await countsNow(this)
    const begun = await untilScraped(run, exposed(this))
    const change = {
      undo: { kind: 'scale-workload', system: 'mimir', instances } as const,
      make: (signal: AbortSignal) => workload.scale(0, signal),
      putBack: (signal: AbortSignal) => workload.scale(instances, signal),
    }
    await whileChanged(run, change, async () => {
      const status = (signal: AbortSignal) => workload.status(signal)
      await prepare(run, 'Mimir does not go away', { ask: status, expect: isAway })
      await elapse(keptMs + beyondMs, run.signal)
    })
    await prepare(run, 'Mimir does not come back', { ask: signal => workload.status(signal), expect: isReady })
    absenceOf(this).absence = { begun, ended: now(), countedBefore }
  },
)

const isAway = ({ ready, description }: { readonly ready: boolean; readonly description: string }) => {
  if (ready) throw new Unmet(description)
}

Then('Prometheus has counted as too old all that Mimir lacks of the target', async function (this: AcceptanceWorld) {
  const { absence } = absenceOf(this)
  if (absence === undefined) throw new Undetermined('nothing was away', 'harness')
  const { begun, ended, countedBefore } = absence
  const endMs = ended.wallTime.getTime()
  const asks = (await askBoth(this))({ endMs, windowMs: endMs - begun.wallTime.getTime() })
  const ask = async (signal: AbortSignal) => {
    const [scraped, arrived, counts] = await Promise.all([
      asks.ofPrometheus(signal),
      asks.ofMimir(signal),
      prometheusOf(this.run).remoteWriteCounts(signal),
    ])
    const value: Loss = {
      scraped: scraped.value,
      arrived: arrived.value,
      counted: counts.value.tooOld - countedBefore,
    }
    return { ...counts, value }
  }
  const loss = await learn(this.run, 'what was lost', ask)
  const lost = lostOf(loss)
  if (lost === 0)
    throw new Undetermined('nothing of the target was lost, so no count of it can be judged', 'environment')
  this.note(
    `Mimir lacks ${lost} samples of the target; Prometheus has counted ${loss.counted} samples as too old to be sent`,
  )
  await this.eventually({ after: 'the return of Mimir' }, { ask, expect: isCounted })
})
