import { formatDuration } from '../duration.ts'

type LabStage = 'fetching' | 'compiling' | 'linking' | 'starting' | 'ready'

/** What the lab is doing now, for whoever shows it to a person. */
export interface LabProgress {
  readonly server: string
  readonly stage: LabStage
  /** Modules fetched or packages compiled; both undefined where a stage has no parts. */
  readonly done?: number
  readonly total?: number
  /** Since the work on this server began. */
  readonly elapsedMs: number
}

export type OnProgress = (event: LabProgress) => void

const units: Partial<Record<LabStage, string>> = { fetching: 'modules', compiling: 'packages' }

/** One line: `tempo: compiling, 412 of 1837 packages (35 s)`. */
export function describeProgress(event: LabProgress): string {
  const unit = units[event.stage]
  const parts = unit === undefined || event.total === undefined ? '' : `, ${event.done ?? 0} of ${event.total} ${unit}`
  return `${event.server}: ${event.stage}${parts} (${formatDuration(Math.round(event.elapsedMs))})`
}
