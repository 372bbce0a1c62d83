import { formatDuration } from '../duration.ts'
import { painterOf } from './line.ts'
import type { RequirementResult } from './result.ts'
import type { Style } from './style.ts'

/** Everything there is to read about a requirement that is not satisfied. */
export function renderBlock(result: RequirementResult, style: Style): string {
  const { id, says, verdict, deadlineMs, message, request, first, last, notes, deviation, fault } = result
  const past = deviation?.state === 'past' ? deviation.entry : undefined
  const lines = [
    ...(message ?? (deadlineMs === null ? '' : `its deadline is ${formatDuration(deadlineMs)}`)).split('\n'),
    ...(verdict === 'undetermined' ? [`a fault of the ${fault ?? 'harness'}, not a verdict on the product`] : []),
    ...named('asked', request),
    ...named('first', first),
    ...named('last', last),
    ...notes.flatMap(note => named('look', note)),
    ...(past === undefined ? [] : [`its deviation ended on ${past.until} (${past.owner})`]),
  ]
  const indent = ' '.repeat(verdict.length + 3)
  const head = `${painterOf(result, style)(verdict)}   ${style.colors.bold(id)}   ${says}`
  return [head, ...lines.filter(line => line !== '').map(line => `${indent}${line}`)].join('\n')
}

/** The lines of a named text, the name before the first of them. */
function named(name: string, text = ''): string[] {
  return text.split('\n').map((line, index) => (line === '' ? '' : `${(index === 0 ? name : '').padEnd(8)}${line}`))
}
