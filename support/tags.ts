import { type SystemName, systemNames } from './system-names.ts'

/** What the tags of a scenario say, those of its Feature and Rule included. Tags start with `@`. */

/** A requirement's id is the only tag that holds a dot. */
export function requirementOf(tags: readonly string[]): string | undefined {
  return tags.find(tag => tag.includes('.'))?.slice(1)
}

export function systemsOf(tags: readonly string[]): SystemName[] {
  return systemNames.filter(name => tags.includes(`@${name}`))
}

export function isDisruptive(tags: readonly string[]): boolean {
  return tags.includes('@disruptive')
}

/** Scenarios that disrupt a system never overlap with others on that system. */
export function mayOverlap(tags: readonly string[], running: readonly (readonly string[])[]): boolean {
  const systems = systemsOf(tags)
  return running.every(others => {
    const disturbs = isDisruptive(tags) || isDisruptive(others)
    return !disturbs || !systemsOf(others).some(system => systems.includes(system))
  })
}
