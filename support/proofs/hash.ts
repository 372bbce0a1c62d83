import { createHash } from 'node:crypto'
import type { Registry } from '../requirements/registry.ts'
import { revision } from '../requirements/requirement.ts'
import type { ScenarioText } from './scenario-texts.ts'

/**
 * By id, what a proof of a requirement was about: 12 hexadecimal digits of its sentence, its figures, and the names and
 * steps of its scenarios. Only requirements that have scenarios of their own are there.
 */
export function hashesOf(registry: Pick<Registry, 'byId'>, scenarios: readonly ScenarioText[]): Map<string, string> {
  const hashes = new Map<string, string>()
  for (const [id, own] of Map.groupBy(scenarios, ({ requirement }) => requirement)) {
    const requirement = registry.byId.get(id)
    const texts = own.map(({ name, steps }) => [name, ...steps])
    const text = JSON.stringify([requirement === undefined ? null : revision(requirement), texts])
    hashes.set(id, createHash('sha256').update(text).digest('hex').slice(0, 12))
  }
  return hashes
}
