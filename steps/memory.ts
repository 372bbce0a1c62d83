import { Then } from '@cucumber/cucumber'
import { tenantFor } from '../support/drivers/mimir.ts'
import { withTenant } from '../support/drivers/tempo.ts'
import type { WorkloadStatus } from '../support/drivers/workload.ts'
import { formatDuration } from '../support/duration.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import { mebibytes, memoryWithin } from '../support/expectations/workloads.ts'
import { type RunningLoad, startLoad } from '../support/load/load.ts'
import { sampleSource, spanSource } from '../support/load/sources.ts'
import { learn, prepare } from '../support/prepare.ts'
import type { ServerSystemName } from '../support/system-names.ts'
import { mimirSystem, storeOf, tempoSystem, workloadOf } from '../support/systems.ts'
import type { Address } from '../support/target/target.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const gibibyte = 2 ** 30
const tracePushesPerSecond = 10

/** The system must really have had the load: with less than this share of it, memory proves nothing. */
const enoughLoad = 0.95

/** A load on a system, as it should be. */
interface Wanted {
  readonly system: ServerSystemName
  /** What it is of, such as `spans`. */
  readonly unit: string
  readonly perSecond: number
  /** So much must have been acknowledged before the watch begins. */
  readonly before: number
}

Then(
  "Tempo's memory stays within {float} GiB while {int} spans a second arrive for {duration}",
  async function (this: AcceptanceWorld, limit: number, perSecond: number, windowMs: number) {
    const { otlpGrpc, tenant } = tempoSystem(this.run)
    refuseForwarded('tempo', otlpGrpc)
    const pushes = { spansOfEach: perSecond / tracePushesPerSecond, intervalMs: 1_000 / tracePushesPerSecond }
    const load = startLoad(() => spanSource(withTenant(otlpGrpc, tenant), this.probe, pushes), this.run)
    await staysWithin(this, limit, windowMs, load, { system: 'tempo', unit: 'spans', perSecond, before: 1 })
  },
)

Then(
  "Mimir's memory stays within {float} GiB while {int} series get a sample every {duration} for {duration}",
  async function (this: AcceptanceWorld, limit: number, series: number, everyMs: number, windowMs: number) {
    const { place } = storeOf(this.run, tenantFor(mimirSystem(this.run), this.probe))
    refuseForwarded('mimir', place.write)
    const load = startLoad(async () => sampleSource(place, this.probe, { series, everyMs }), this.run)
    const perSecond = (series * 1_000) / everyMs
    await staysWithin(this, limit, windowMs, load, { system: 'mimir', unit: 'samples', perSecond, before: series })
  },
)

/** @throws NotApplicable where the load would be one on the API server of a cluster as well */
function refuseForwarded(system: ServerSystemName, { service }: Address): void {
  if (service?.forwarded !== true) return
  throw new NotApplicable(
    `${system} is reached through the API server of its cluster, which is no way for a sustained load; run the suite inside the cluster`,
  )
}

async function staysWithin(
  world: AcceptanceWorld,
  limit: number,
  windowMs: number,
  load: RunningLoad,
  { system, unit, perSecond, before }: Wanted,
): Promise<void> {
  const { run } = world
  const workload = workloadOf(run, system)
  let highest = 0
  const watched = {
    ask: (signal: AbortSignal) => workload.status(signal),
    expect: (status: WorkloadStatus) => {
      highest = Math.max(highest, status.memoryBytes ?? 0)
      if (status.ready) memoryWithin(limit * gibibyte)(status)
    },
  }
  const control = async () => {
    const status = await learn(run, 'the memory of the workload', signal => workload.status(signal))
    if (!((status.memoryBytes ?? 0) > 0)) throw new NotApplicable(`the memory of ${workload.name} cannot be told`)
    await prepare(run, `${system} does not take the load`, {
      ask: async () => ({ request: 'the load', elapsedMs: 0, value: load.acknowledged() }),
      expect: acknowledged => {
        if (acknowledged < before) throw new Unmet(`${acknowledged} of the first ${before} ${unit} acknowledged`)
      },
    })
  }
  const [watch, sent] = await Promise.allSettled([
    world.throughout(windowMs, control, watched).finally(() => load.end()),
    load.result,
  ])
  // A defect in what sends the load counts first: whatever was seen, was not seen under it.
  if (sent.status === 'rejected') throw sent.reason
  const { acknowledged, acknowledgedPushes, refusedPushes, seconds, latencyMs } = sent.value
  const { p50, p95, p99, longest } = latencyMs
  world.log(
    `${acknowledged} ${unit} acknowledged in ${Math.round(seconds)} s, memory at most ${mebibytes(highest)} MiB; ` +
      `${acknowledgedPushes} pushes took ${formatDuration(p50)} (p50), ${formatDuration(p95)} (p95), ` +
      `${formatDuration(p99)} (p99), ${formatDuration(longest)} at most; ${refusedPushes} were refused`,
  )
  if (watch.status === 'rejected') throw watch.reason
  if (acknowledged < enoughLoad * perSecond * seconds) {
    throw new Undetermined(`only ${acknowledged} ${unit} were acknowledged in ${Math.round(seconds)} s`, 'environment')
  }
}
