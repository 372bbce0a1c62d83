import { dirname } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { parseDuration } from '../duration.ts'
import { describeError } from '../errors.ts'
import type { Requirement } from './requirement.ts'
import type { Section, Systems } from './schema.ts'
import { durationsIn, faultOfSentence } from './sentence.ts'

type Entry = Section['requirements'][number]

/** What is wrong with one entry by itself, as pairs of the key at fault and what is wrong with it. */
export function faultsWithin(entry: Entry, section: Section, file: string, systems: Systems): [keyof Entry, string][] {
  const faults: [keyof Entry, string][] = []
  const [document] = entry.id.split('.')
  if (document !== section.document) faults.push(['id', `is not one of document "${section.document}"`])
  else if (document !== dirname(file)) faults.push(['id', `belongs into the folder ${document}, not into ${file}`])
  for (const name of entry.systems.filter(name => !Object.hasOwn(systems, name))) {
    const nearest = closest(name, Object.keys(systems))
    faults.push(['systems', `names "${name}", which stands not in systems.yaml; did you mean "${nearest}"?`])
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
  faults.push(...faultsOfSections(requirements))
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
  if (requirement.withinMs !== undefined && (other.withinMs ?? Number.POSITIVE_INFINITY) > requirement.withinMs) {
    return 'has no deadline as short as this one'
  }
  return undefined
}

/** Whoever looks for a section of a document finds it in one file. */
function faultsOfSections(requirements: readonly Requirement[]): string[] {
  const first = new Map<string, Requirement>()
  return requirements.flatMap(requirement => {
    const section = requirement.id.slice(0, requirement.id.lastIndexOf('.'))
    const { file } = first.get(section) ?? requirement
    if (!first.has(section)) first.set(section, requirement)
    return file === requirement.file ? [] : [`${place(requirement)}: others of section ${section} stand in ${file}`]
  })
}

function place({ file, line, id }: Requirement): string {
  return `${file}:${line}: ${id}`
}
