import { formatDuration } from '../duration.ts'
import { shareOf } from '../requirements/verdict.ts'
import type { RequirementResult } from './result.ts'
import { fit, type Style } from './style.ts'

export const verdictColumns = 'not applicable'.length
export const idColumns = 'tempo-mimir.007.10'.length
export const timeColumns = 8
const barCells = 10
/** Narrower than this, the bar gives its place to the sentence. */
const roomForBar = 100
const shortestSentence = 10
/** From this share of a deadline on, headroom is something to look at. */
const scarce = 0.8

/**
 * One line for one requirement: verdict, id, sentence, time to true, and how much of its deadline that was.
 * @param mark what is said of a deadline that is not the requirement's own, such as `×0.02`; empty where it is
 */
export function renderLine(result: RequirementResult, style: Style, mark: string): string {
  const { colors, width } = style
  const head = `${result.verdict.padEnd(verdictColumns)}  ${result.id.padEnd(idColumns)}`
  const measure = renderMeasure(result, width >= roomForBar, mark)
  const room = width - head.length - measure.length - 4
  const sentence = room < shortestSentence ? '' : `  ${fit(wordsOf(result), room).padEnd(room)}`
  const line = fit(`${head}${sentence}  ${measure}`.trimEnd(), width)
  const paint = painterOf(result, style)
  const shown = line.slice(0, result.verdict.length)
  const end = line.slice(result.verdict.length)
  return paint(shown) + (isScarce(result) && result.verdict === 'satisfied' ? colors.yellow(end) : end)
}

/** The colour of a verdict; an accepted violation is not an alarm. */
export function painterOf({ verdict, accepted }: RequirementResult, { colors }: Style): (text: string) => string {
  if (verdict === 'satisfied') return colors.green
  if (verdict === 'violated') return accepted ? colors.yellow : colors.red
  return verdict === 'undetermined' ? colors.magenta : colors.dim
}

function wordsOf({ says, sameAs, accepted, deviation }: RequirementResult): string {
  const asked = sameAs === undefined ? says : `(as ${sameAs}) ${says}`
  return accepted ? `(accepted until ${deviation?.entry.until}) ${asked}` : asked
}

function renderMeasure(result: RequirementResult, withBar: boolean, mark: string): string {
  const { timeToTrueMs } = result
  if (timeToTrueMs === null || result.verdict !== 'satisfied') return ''
  const share = shareOf(result)
  const time = formatDuration(timeToTrueMs).padStart(timeColumns)
  if (share === undefined) return withBar ? `${time}${' '.repeat(barCells + 6)}` : `${time}     `
  const percent = `${Math.round(share * 100)}%`.padStart(4)
  return `${time} ${withBar ? `${renderBar(share)} ` : ''}${percent}${mark === '' ? '' : ` ${mark}`}`
}

function renderBar(share: number): string {
  const filled = Math.min(barCells, Math.ceil(share * barCells))
  return '█'.repeat(filled) + '░'.repeat(barCells - filled)
}

function isScarce(result: RequirementResult): boolean {
  return (shareOf(result) ?? 0) >= scarce
}
