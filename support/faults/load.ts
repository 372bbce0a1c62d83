import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describeError, isDefect, UsageError } from '../errors.ts'
import type { Registry } from '../requirements/registry.ts'
import { readYaml } from '../yaml.ts'
import { type Catalogue, catalogueSchema, type FaultFile } from './catalogue.ts'
import { faultsOfCatalogue } from './check.ts'
import { ungrouped } from './groups.ts'

type Known = Pick<Registry, 'byId' | 'nearest'>

const faultsFolder = join(import.meta.dirname, '../../fixtures/faults')

/**
 * Loads the faults of all YAML files of a folder.
 * @throws UsageError that lists everything that is wrong with them, each with its file and line
 */
export function loadFaults(registry: Known, folder: string = faultsFolder): Catalogue {
  const files = namesIn(folder).map(name => readFile(join(folder, name), registry))
  const problems = files.flatMap(({ problems }) => problems)
  for (const twice of ['fault', 'kind'] as const) problems.push(...inTwoFiles(files, twice))
  if (problems.length > 0) throw unusable(problems)
  const catalogues = files.flatMap(({ content }) => (content === undefined ? [] : [ungrouped(content)]))
  return {
    generic: catalogues.flatMap(({ generic }) => generic),
    faults: catalogues.flatMap(({ faults }) => faults),
  }
}

function namesIn(folder: string): string[] {
  const shown = relative(process.cwd(), folder) || folder
  try {
    const names = readdirSync(folder).filter(name => name.endsWith('.yaml'))
    if (names.length === 0) throw unusable([`${shown} holds no YAML file`])
    return names.sort()
  } catch (error) {
    if (error instanceof UsageError || isDefect(error)) throw error
    throw new UsageError(`The folder of faults ${shown} cannot be read: ${describeError(error)}`, [], { cause: error })
  }
}

interface ReadFile {
  readonly shown: string
  /** Undefined where its form is wrong. */
  readonly content: FaultFile | undefined
  readonly problems: readonly string[]
  lineOf(path: readonly (string | number)[]): number
}

function readFile(file: string, registry: Known): ReadFile {
  const shown = relative(process.cwd(), file) || file
  const { faults, value: content, lineOf } = readYaml(readText(file, shown), catalogueSchema)
  const problems = faults.map(
    ({ line, path, message }) => `${shown}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  )
  for (const [path, message] of content === undefined ? [] : faultsOfCatalogue(content, registry))
    problems.push(`${shown}:${lineOf(path)}: ${path.join('.')}: ${message}`)
  return { shown, content, problems, lineOf }
}

/** What two files name alike; within one file it is found by `check.ts`. */
function inTwoFiles(files: readonly ReadFile[], what: 'fault' | 'kind'): string[] {
  const first = new Map<string, string>()
  return files.flatMap(({ shown, content, lineOf }) => {
    const names = what === 'fault' ? content?.faults.map(({ id }) => id) : content?.generic.map(({ kind }) => kind)
    return (names ?? []).flatMap((name, index) => {
      const other = first.get(name) ?? shown
      first.set(name, other)
      const path = what === 'fault' ? ['faults', index, 'id'] : ['generic', index, 'kind']
      return other === shown ? [] : [`${shown}:${lineOf(path)}: ${path.join('.')}: ${name} is in ${other} too`]
    })
  })
}

function unusable(faults: readonly string[]): UsageError {
  return new UsageError('The faults cannot be used:', faults)
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`The file of faults ${shown} cannot be read: ${describeError(error)}`, [], { cause: error })
  }
}
