import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describeError, UsageError } from '../errors.ts'
import type { Registry } from '../requirements/registry.ts'
import { readYaml } from '../yaml.ts'
import { type Catalogue, catalogueSchema } from './catalogue.ts'
import { faultsOfCatalogue } from './check.ts'
import { expand } from './groups.ts'

const faultsFile = join(import.meta.dirname, '../../fixtures/faults.yaml')

/**
 * Loads the faults, with ids where the file has names of groups in `leaves`.
 * @throws UsageError that lists everything that is wrong with the file, each with its line
 */
export function loadFaults(registry: Pick<Registry, 'byId' | 'nearest'>, file: string = faultsFile): Catalogue {
  const shown = relative(process.cwd(), file) || file
  const reading = readYaml(readText(file, shown), catalogueSchema)
  const faults = reading.faults.map(
    ({ line, path, message }) => `${shown}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  )
  const { value } = reading
  if (value === undefined) throw unusable(faults)
  for (const [path, message] of faultsOfCatalogue(value, registry)) {
    faults.push(`${shown}:${reading.lineOf(path)}: ${path.join('.')}: ${message}`)
  }
  if (faults.length > 0) throw unusable(faults)
  const { groups } = value
  return { ...value, faults: value.faults.map(fault => ({ ...fault, leaves: expand(fault.leaves, groups) })) }
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
