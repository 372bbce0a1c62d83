import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { redact } from '../secret.ts'
import { badgeOf } from './badge.ts'
import { type Statement, standings } from './statement.ts'

/** Writes conformance.json and conformance.svg, each at once or not at all, without secrets. Returns their paths. */
export function writeStatement(directory: string, statement: Statement): string[] {
  mkdirSync(directory, { recursive: true })
  const text = JSON.stringify(statement, (_, each) => (typeof each === 'string' ? redact(each) : each), 2)
  return [
    writeAtOnce(join(directory, 'conformance.json'), `${text}\n`),
    writeAtOnce(join(directory, 'conformance.svg'), `${badgeOf(statement)}\n`),
  ]
}

/** `profile lgtm: 6 satisfied, 1 violated (1 accepted), 128 not covered, of 135`. */
export function describeStatement({ profile, counts, requirements, isStatementOfConformance }: Statement): string {
  const accepted = requirements.filter(each => each.accepted).length
  const parts = standings
    .filter(standing => counts[standing] > 0)
    .map(standing => {
      const of = standing === 'violated' && accepted > 0 ? ` (${accepted} accepted)` : ''
      return `${counts[standing]} ${standing}${of}`
    })
  const scaled = isStatementOfConformance ? '' : '; SCALED: no statement of conformance'
  return `profile ${profile}: ${parts.join(', ')}, of ${requirements.length}${scaled}`
}

function writeAtOnce(file: string, text: string): string {
  const beside = `${file}.${process.pid}.tmp`
  writeFileSync(beside, text)
  renameSync(beside, file)
  return file
}
