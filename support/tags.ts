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

/** Says of a disruptive scenario about several systems that it disrupts this one. */
export function disruptionTag(system: SystemName): string {
  return `@disrupts-${system}`
}

/**
 * The systems that a scenario disrupts: those that its tags name, such as `@disrupts-prometheus`, or else all that it is
 * about; none where it is not disruptive.
 */
export function disruptedBy(tags: readonly string[]): SystemName[] {
  if (!isDisruptive(tags)) return []
  const named = systemNames.filter(name => tags.includes(disruptionTag(name)))
  return named.length > 0 ? named : systemsOf(tags)
}

/** A scenario that disrupts a system never overlaps with another that is about that system. */
export function mayOverlap(tags: readonly string[], running: readonly (readonly string[])[]): boolean {
  return running.every(others => !disturbs(tags, others) && !disturbs(others, tags))
}

function disturbs(tags: readonly string[], others: readonly string[]): boolean {
  const about = systemsOf(others)
  return disruptedBy(tags).some(system => about.includes(system))
}
