import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describeError, UsageError } from '../errors.ts'
import { readYaml } from '../yaml.ts'
import { type Environment, Filler, isNotSet } from './filler.ts'
import { targetSchema } from './schema.ts'
import type { UsedService } from './service-address.ts'
import type { Target } from './target.ts'

/**
 * Loads a target file and fills in its secrets, its certificates and its defaults. Paths in it are relative to it.
 * @throws UsageError that lists everything that is wrong with it, each with its line and its path in the file
 */
export function loadTarget(file: string, environment: Environment): Target {
  return readTarget(file, environment).target
}

/** As `loadTarget`, with the Services of clusters by which systems are reached. */
export function readTarget(
  file: string,
  environment: Environment,
): { readonly target: Target; readonly services: readonly UsedService[] } {
  const shown = relative(process.cwd(), file) || file
  const reading = readYaml(readText(file, shown), targetSchema)
  const faults = reading.faults.map(
    ({ line, path, message }) => `${shown}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  )
  if (reading.value !== undefined) {
    const filler = new Filler(file, environment, (path, message) => {
      faults.push(`${shown}:${reading.lineOf(path)}: ${path.join('.')}: ${message}`)
    })
    const target = filler.target(file, reading.value)
    if (faults.length === 0) return { target, services: filler.services }
  } else {
    for (const { path, name } of referencesIn(reading.raw)) {
      if ((environment[name] ?? '') !== '') continue
      faults.push(`${shown}:${reading.lineOf(path)}: ${path.join('.')}: ${isNotSet(name)}`)
    }
  }
  throw new UsageError(`The target file ${shown} cannot be used:`, faults)
}

/** Every `{env: NAME}` in a file, also in one that has faults elsewhere: whoever mends them wants to know of all. */
function referencesIn(value: unknown, path: readonly string[] = []): { path: readonly string[]; name: string }[] {
  if (typeof value !== 'object' || value === null) return []
  if ('env' in value && typeof value.env === 'string' && Object.keys(value).length === 1)
    return [{ path, name: value.env }]
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(inner, [...path, key]))
}

/** What is needed of the registry of requirements. */
interface KnownRequirements {
  readonly byId: ReadonlyMap<string, unknown>
  nearest(id: string, count: number): string[]
}

/**
 * Checks that what a target accepts as known deviations exists: a mistyped id would accept nothing, unnoticed.
 * @throws UsageError that lists every deviation from an unknown requirement, and every one that is given twice
 */
export function assertDeviationsKnown(target: Pick<Target, 'file' | 'deviations'>, registry: KnownRequirements): void {
  const faults: string[] = []
  target.deviations.forEach(({ requirement }, index) => {
    const path = `deviations.${index}.requirement`
    if (!registry.byId.has(requirement)) {
      const nearest = registry.nearest(requirement, 3).join(', ')
      faults.push(`${path}: there is no requirement ${requirement}; the nearest are ${nearest}`)
    } else if (target.deviations.findIndex(other => other.requirement === requirement) < index) {
      faults.push(`${path}: ${requirement} is given twice`)
    }
  })
  if (faults.length > 0) throw new UsageError(`The deviations in ${target.file} cannot be used:`, faults)
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const what = missing
      ? `There is no target file ${shown}`
      : `The target file ${shown} cannot be read (${describeError(error)})`
    throw new UsageError(`${what}; fixtures/targets/example.yaml shows what one looks like.`, [], { cause: error })
  }
}
