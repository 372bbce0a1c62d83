import { createHash } from 'node:crypto'
import type { Kind, Level, Postponement } from './schema.ts'

/** One promise: an EARS sentence, where it comes from, and how it is decided. */
export interface Requirement {
  /** `<document>.<section>.<number>`; as a tag `@tempo-mimir.005.2`. */
  readonly id: string
  /** The sentence, in the suite's own words. */
  readonly says: string
  readonly document: { readonly id: string; readonly title: string }
  /** The section's title in the document. */
  readonly section: string
  readonly level: Level
  readonly systems: readonly string[]
  readonly kind: Kind
  /** The deadline in milliseconds, before any scaling. */
  readonly withinMs?: number
  readonly disruptive: boolean
  /** Acceptance criteria of the document. */
  readonly criteria: readonly string[]
  /** Where it is promised, for what no document of the user's says. */
  readonly source?: string
  /** What is tested instead of the words of the document, and why. */
  readonly interpretation?: string
  /** Why it has no scenario yet. */
  readonly later?: Postponement
  /** The requirement whose scenarios and verdict serve this one too. */
  readonly sameAs?: string
  readonly file: string
  readonly line: number
}

/** Changes whenever the promise does: 8 hexadecimal digits of its sentence and its figures. */
export function revision({ says, withinMs }: Pick<Requirement, 'says' | 'withinMs'>): string {
  return createHash('sha256')
    .update(JSON.stringify([says, withinMs ?? null]))
    .digest('hex')
    .slice(0, 8)
}
