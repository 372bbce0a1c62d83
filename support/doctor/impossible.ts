import type { TempoConfiguration } from '../drivers/tempo-configuration.ts'
import { formatDuration } from '../duration.ts'
import type { Finding } from './finding.ts'

const minute = 60_000
const hour = 60 * minute

interface Limit {
  readonly requirement: string
  readonly promises: string
  readonly withinMs: number
  readonly settings: string
  /** How long it takes by these settings at the least, once all goes well. */
  atLeastMs(configuration: TempoConfiguration): number
}

/** Deadlines that settings of Tempo alone can make impossible to keep. */
const limits: readonly Limit[] = [
  {
    requirement: 'tempo-mimir.005.2',
    promises: 'a trace is in the bucket within 10 minutes',
    withinMs: 10 * minute,
    settings: 'ingester.trace_idle_period and max_block_duration',
    atLeastMs: ({ traceIdlePeriodMs, maxBlockDurationMs }) => traceIdlePeriodMs + maxBlockDurationMs,
  },
  {
    requirement: 'suite.tempo.5',
    promises: 'blocks are merged within 2 hours',
    withinMs: 2 * hour,
    settings: 'ingester.max_block_duration and compactor.compaction.compaction_cycle',
    atLeastMs: ({ maxBlockDurationMs, compactionCycleMs }) => maxBlockDurationMs + compactionCycleMs,
  },
]

/** Which requirements the configuration that Tempo runs with keeps it from meeting, whatever else happens. */
export function impossibleForTempo(configuration: TempoConfiguration): Finding[] {
  return limits.map(({ requirement, promises, withinMs, settings, atLeastMs }) => {
    const neededMs = atLeastMs(configuration)
    const what = `its settings leave time for ${requirement}: ${promises}`
    if (neededMs < withinMs) return { about: 'tempo', what }
    const problem = `${settings} make it ${formatDuration(neededMs)}`
    return { about: 'tempo', what, problem, advice: `shorten them to less than ${formatDuration(withinMs)} together` }
  })
}
