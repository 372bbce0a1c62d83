import { basename, dirname } from 'node:path'
import { parseDuration } from '../duration.ts'
import { describeError } from '../errors.ts'
import type { Requirement } from './requirement.ts'
import type { Section } from './schema.ts'
import { durationsIn, faultOfSentence } from './sentence.ts'

type Entry = Section['requirements'][number]

/** What is wrong with one entry by itself, as pairs of the key at fault and what is wrong with it. */
export function faultsWithin(entry: Entry, section: Section, file: string): [keyof Entry, string][] {
  const faults: [keyof Entry, string][] = []
  const [document, part] = entry.id.split('.')
  if (document !== section.document) faults.push(['id', `is not one of document "${section.document}"`])
  if (document !== dirname(file) || part !== basename(file, '.yaml')) {
    faults.push(['id', `belongs into ${document}/${part}.yaml, not into ${file}`])
  }
  const sentence = faultOfSentence(entry.says)
  if (sentence !== undefined) faults.push(['says', sentence])
  if (entry.within !== undefined) {
    const within = faultOfDeadline(entry.within, entry.says)
    if (within !== undefined) faults.push(['within', within])
  }
  if (entry.later !== undefined && entry['same-as'] !== undefined) {
    faults.push(['later', 'contradicts same-as: it has the scenarios of the other'])
  }
  return faults
}

function faultOfDeadline(within: string, says: string): string | undefined {
  try {
    const ms = parseDuration(within)
    return durationsIn(says).includes(ms) ? undefined : `"${within}" is not named in its sentence`
  } catch (error) {
    return describeError(error)
  }
}

/** What is wrong between requirements: ids given twice, and same-as that leads nowhere or promises more. */
export function faultsBetween(requirements: readonly Requirement[]): string[] {
  const faults: string[] = []
  const known = new Map<string, Requirement>()
  for (const requirement of requirements) {
    const earlier = known.get(requirement.id)
    if (earlier === undefined) known.set(requirement.id, requirement)
    else faults.push(`${place(requirement)}: already stands at ${earlier.file}:${earlier.line}`)
  }
  for (const requirement of requirements) {
    if (requirement.sameAs === undefined) continue
    const other = known.get(requirement.sameAs)
    const wrong = faultOfSame(requirement, other)
    if (wrong !== undefined) faults.push(`${place(requirement)}: same-as ${requirement.sameAs} ${wrong}`)
  }
  return faults
}

function faultOfSame(requirement: Requirement, other: Requirement | undefined): string | undefined {
  if (other === undefined) return 'is not known'
  if (other.sameAs !== undefined) return `is itself the same as ${other.sameAs}; name that one`
  if (other.later !== undefined) return `has no scenario (later: ${other.later})`
  if (requirement.withinMs !== undefined && (other.withinMs ?? Number.POSITIVE_INFINITY) > requirement.withinMs) {
    return 'has no deadline as short as this one'
  }
  return undefined
}

function place({ file, line, id }: Requirement): string {
  return `${file}:${line}: ${id}`
}
