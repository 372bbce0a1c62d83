import { Then } from '@cucumber/cucumber'
import type { WorkloadStatus } from '../support/drivers/workload.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
import { mebibytes, memoryWithin } from '../support/expectations/workloads.ts'
import { learn } from '../support/prepare.ts'
import { workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { startLoad } from './evidence/load.ts'

const gibibyte = 2 ** 30

/** The system must really have had the load: with less than this share of it, memory proves nothing. */
const enoughLoad = 0.95

Then(
  "Tempo's memory stays within {int} GiB while {int} spans a second arrive for {duration}",
  async function (this: AcceptanceWorld, limit: number, spansPerSecond: number, windowMs: number) {
    const workload = workloadOf(this.run, 'tempo')
    const load = startLoad(this.run, this.probe, spansPerSecond)
    let highest = 0
    const watched = {
      ask: (signal: AbortSignal) => workload.status(signal),
      expect: (status: WorkloadStatus) => {
        highest = Math.max(highest, status.memoryBytes ?? 0)
        if (status.ready) memoryWithin(limit * gibibyte)(status)
      },
    }
    const control = async () => {
      const status = await learn(this.run, 'the memory of the workload', signal => workload.status(signal))
      if (!((status.memoryBytes ?? 0) > 0)) throw new NotApplicable(`the memory of ${workload.name} cannot be told`)
    }
    const [watch, sent] = await Promise.allSettled([
      this.throughout(windowMs, control, watched).finally(() => load.end()),
      load.result,
    ])
    // A defect in what sends the load counts first: whatever was seen, was not seen under it.
    if (sent.status === 'rejected') throw sent.reason
    const { acknowledgedSpans, seconds } = sent.value
    this.log(
      `${acknowledgedSpans} spans acknowledged in ${Math.round(seconds)} s, memory at most ${mebibytes(highest)} MiB`,
    )
    if (watch.status === 'rejected') throw watch.reason
    if (acknowledgedSpans < enoughLoad * spansPerSecond * seconds) {
      throw new Undetermined(
        `only ${acknowledgedSpans} spans were acknowledged in ${Math.round(seconds)} s`,
        'environment',
      )
    }
  },
)
