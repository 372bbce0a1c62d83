import { formatDuration } from '../duration.ts'
import type { Outcome } from '../observation.ts'
import { shareOf } from '../requirements/verdict.ts'
import { describeShard } from '../shard.ts'
import { renderBlock } from './block.ts'
import { renderProofs } from './proof-counts.ts'
import type { RequirementResult, RunResult } from './result.ts'
import { fit, type Style } from './style.ts'

const slowestCount = 5

/** What a run begins with. */
export function renderBeginning(run: RunResult, style: Style): string {
  const versions = Object.entries(run.versions).map(([system, version]) => `${system} ${version}`)
  const part = run.shard === undefined ? '' : `, ${describeShard(run.shard)}`
  const where = [`run ${run.runId} on ${run.target}${part}`, ...versions].join(', ')
  return [fit(where, style.width), ...scaleMark(run, style)].join('\n')
}

/** What a run ends with: everything that is not green in full, then the figures, then where the reports lie. */
export function renderSummary(run: RunResult, files: readonly string[], style: Style): string {
  const own = run.requirements.filter(({ sameAs }) => sameAs === undefined)
  const parts = [
    ...own.filter(({ verdict }) => verdict === 'undetermined').map(result => [renderBlock(result, style)]),
    ...own.filter(({ verdict }) => verdict === 'violated').map(result => [renderBlock(result, style)]),
    renderErrors(run, style),
    renderNotApplicable(own, style),
    renderNotes(own, style),
    renderSlowest(own, style),
    renderDeviations(run, style),
    [
      countRequirements(run, style),
      countScenarios(run),
      renderProofs(run, style),
      `in ${formatDuration(run.wallMs)}`,
      ...scaleMark(run, style),
    ],
    files.map(file => `written: ${file}`),
  ]
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

/** Nobody may take a run with other deadlines for a statement on the promises. */
function scaleMark({ scaled, deadlineScale }: RunResult, { colors }: Style): string[] {
  if (!scaled) return []
  const how = deadlineScale === 1 ? 'deadlines were set one by one' : `every deadline × ${deadlineScale}`
  return [colors.yellow(`SCALED: ${how}; this is no statement of conformance`)]
}

/** What a line says of a deadline that is not the requirement's own. */
export function markOf({ scaled, deadlineScale }: Pick<RunResult, 'scaled' | 'deadlineScale'>): string {
  if (!scaled) return ''
  return deadlineScale === 1 ? 'scaled' : `×${deadlineScale}`
}

function renderErrors({ errors }: RunResult, { colors }: Style): string[] {
  return errors.map(error => `${colors.red('error')}      ${error}`)
}

function renderNotApplicable(results: readonly RequirementResult[], style: Style): string[] {
  const missing = results.filter(({ verdict }) => verdict === 'not applicable')
  const byReason = Map.groupBy(missing, ({ message }) => message ?? 'the target lacks what it needs')
  return heading(
    'not applicable',
    style,
    [...byReason].map(([reason, own]) => `${reason}: ${own.map(({ id }) => id).join(', ')}`),
  )
}

function renderNotes(results: readonly RequirementResult[], style: Style): string[] {
  const calm = results.filter(({ verdict }) => verdict !== 'violated' && verdict !== 'undetermined')
  return heading(
    'told, not judged',
    style,
    calm.flatMap(({ id, notes }) => notes.map(note => `${id}: ${note}`)),
  )
}

function renderSlowest(results: readonly RequirementResult[], style: Style): string[] {
  const measured = results.flatMap(result => {
    const share = result.verdict === 'satisfied' ? shareOf(result) : undefined
    return share === undefined ? [] : [{ result, share }]
  })
  const slowest = measured.sort((a, b) => b.share - a.share).slice(0, slowestCount)
  const lines = slowest.map(({ result: { id, timeToTrueMs, deadlineMs }, share }) => {
    const used = `${formatDuration(timeToTrueMs ?? 0)} of ${formatDuration(deadlineMs ?? 0)}`
    return `${`${Math.round(share * 100)}%`.padStart(4)}  ${id}  ${used}`
  })
  return heading('least headroom', style, lines)
}

function renderDeviations({ requirements }: RunResult, style: Style): string[] {
  const lines = requirements.flatMap(({ id, deviation }) => {
    if (deviation === undefined || deviation.entry.requirement !== id) return []
    const { reason, owner, until } = deviation.entry
    const state = {
      accepted: `accepted until ${until}`,
      past: `PAST since ${until}`,
      'no longer needed': 'NO LONGER NEEDED',
    }
    return [`${state[deviation.state]}  ${id}: ${reason} (${owner})`]
  })
  return heading('deviations of the target', style, lines)
}

function heading(text: string, { colors }: Style, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [colors.bold(text), ...lines.map(line => `  ${line}`)]
}

function countRequirements({ requirements, exitCode }: RunResult, { colors }: Style): string {
  const verdicts: readonly Outcome[] = ['satisfied', 'violated', 'undetermined', 'not applicable']
  const accepted = requirements.filter(result => result.accepted).length
  const counts = verdicts.flatMap(verdict => {
    const count = requirements.filter(result => result.verdict === verdict).length
    const of = verdict === 'violated' && accepted > 0 ? ` (${accepted} accepted)` : ''
    return count === 0 ? [] : [`${count} ${verdict}${of}`]
  })
  const text = `${requirements.length} requirements: ${counts.join(', ') || 'none decided'}`
  return exitCode === 0 ? colors.green(text) : colors.red(text)
}

function countScenarios({ scenarios }: RunResult): string {
  const { passed, failed, notApplicable, undetermined } = scenarios
  const counts = [
    [passed, 'passed'],
    [failed, 'failed'],
    [undetermined, 'undetermined'],
    [notApplicable, 'not applicable'],
  ] as const
  const shown = counts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}`)
  return `${passed + failed + notApplicable + undetermined} scenarios: ${shown.join(', ') || 'none'}`
}
