import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { loadRegistry } from '../requirements/registry.ts'
import type { Figure } from './figure.ts'

const sections = 1_000
const perSection = 100
const longestMs = 10_000

/** How long the registry takes over a hundred thousand requirements in a thousand files, whose faults are looked for. */
export function measureRegistry(folder: string): Figure[] {
  writeSections(join(folder, 'requirements'))
  const since = performance.now()
  const { requirements } = loadRegistry(join(folder, 'requirements'))
  const measured = performance.now() - since
  if (requirements.length !== sections * perSection) throw new Error(`only ${requirements.length} were loaded`)
  return [
    {
      name: 'registry, 100,000 requirements loaded',
      measured,
      unit: 'ms',
      limit: 'at most',
      bound: longestMs,
      note: `${sections} files of ${perSection}, with every check of the registry; once`,
    },
  ]
}

function writeSections(folder: string): void {
  mkdirSync(join(folder, 'large'), { recursive: true })
  for (let section = 1; section <= sections; section += 1) {
    const requirements = Array.from({ length: perSection }, (_, index) => ({
      id: `large.${section}.${index + 1}`,
      says: `When trace ${index} of section ${section} is acknowledged, Tempo shall have it in its bucket within ${index + 1} s, whole and unchanged.`,
      level: 'must',
      systems: ['tempo'],
      kind: 'runtime',
      within: `${index + 1} s`,
      criteria: [`AC-${section}-${index + 1}`],
      interpretation: 'Whole means each of its spans, with every attribute.',
      later: 'planned',
    }))
    const text = stringify({
      document: 'large',
      title: 'A large document',
      section: `Section ${section}`,
      requirements,
    })
    writeFileSync(join(folder, 'large', `${section}.yaml`), text)
  }
}
