import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { readYaml, type YamlFault } from '../yaml.ts'
import { faultsBetween, faultsWithin } from './check.ts'
import type { Requirement } from './requirement.ts'
import { type Section, type Systems, sectionSchema, systemsSchema } from './schema.ts'

const defaultFolder = join(import.meta.dirname, '../../fixtures/requirements')

/** Every requirement that the suite knows, in the order of documents, sections and numbers. */
export interface Registry {
  readonly requirements: readonly Requirement[]
  readonly byId: ReadonlyMap<string, Requirement>
  /** What requirements may be about, each with its name as people write it. */
  readonly systems: Systems
  /** The known ids that look most like this one, the nearest first. */
  nearest(id: string, count: number): string[]
}

/**
 * Loads all requirements from `<folder>/<document>/<section>.yaml`, and what they may be about from `systems.yaml`, which
 * is the suite's own where the folder has none.
 * @throws UsageError that lists every fault of every file with its line
 */
export function loadRegistry(folder: string = defaultFolder): Registry {
  const requirements: Requirement[] = []
  const { systems, faults } = loadSystems(folder)
  for (const name of globSync('*/*.yaml', { cwd: folder }).sort()) {
    const file = join(folder, name)
    const shown = relative(process.cwd(), file)
    const reading = readYaml(readFileSync(file, 'utf8'), sectionSchema)
    faults.push(...reading.faults.map(fault => describeFault(shown, fault)))
    if (reading.value === undefined) continue
    const section = reading.value
    section.requirements.forEach((entry, index) => {
      const line = reading.lineOf(['requirements', index, 'id'])
      faults.push(
        ...faultsWithin(entry, section, name, systems).map(([key, message]) => {
          return `${shown}:${reading.lineOf(['requirements', index, key])}: ${entry.id}: ${key} ${message}`
        }),
      )
      requirements.push(toRequirement(entry, section, shown, line))
    })
  }
  if (requirements.length === 0 && faults.length === 0)
    faults.push(`${folder}: holds no file <document>/<section>.yaml`)
  faults.push(...faultsBetween(requirements))
  if (faults.length > 0) throw new UsageError('The requirements cannot be used:', faults)
  return registryOf(requirements, systems)
}

function loadSystems(folder: string): { systems: Systems; faults: string[] } {
  const file = [folder, defaultFolder].map(each => join(each, 'systems.yaml')).find(each => existsSync(each))
  if (file === undefined) throw new Error('the suite has lost its systems.yaml')
  const { value = {}, faults } = readYaml(readFileSync(file, 'utf8'), systemsSchema)
  return { systems: value, faults: faults.map(fault => describeFault(relative(process.cwd(), file), fault)) }
}

function describeFault(file: string, { line, path, message }: YamlFault): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`
}

function registryOf(requirements: readonly Requirement[], systems: Systems): Registry {
  const byId = new Map(requirements.map(requirement => [requirement.id, requirement]))
  return {
    requirements,
    byId,
    systems,
    nearest: (id, count) => [...byId.keys()].sort((a, b) => distance(id, a) - distance(id, b)).slice(0, count),
  }
}

function toRequirement(
  entry: Section['requirements'][number],
  section: Section,
  file: string,
  line: number,
): Requirement {
  const { within, 'same-as': sameAs, source, interpretation, later, ...rest } = entry
  const withinMs = within === undefined ? undefined : readDuration(within)
  return {
    ...rest,
    document: { id: section.document, title: section.title },
    section: section.section,
    ...(withinMs !== undefined && { withinMs }),
    ...(source !== undefined && { source }),
    ...(interpretation !== undefined && { interpretation }),
    ...(later !== undefined && { later }),
    ...(sameAs !== undefined && { sameAs }),
    file,
    line,
  }
}

/** Undefined where it cannot be read, which `faultsWithin` reports. */
function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}
