import type { Kind } from '../requirements/schema.ts'
import type { Matrix, Row } from './matrix.ts'

/** How many requirements of a document or of a system are how far. */
export interface Totals {
  /** The document's or the system's id. */
  readonly name: string
  readonly title: string
  readonly requirements: number
  readonly kinds: Readonly<Record<Kind, number>>
  /** With scenarios of their own, or of a requirement that promises the same. */
  readonly withScenario: number
  /** Satisfied when they were last looked at, as they are worded now. */
  readonly satisfied: number
  /** Their scenarios have been seen to go red under a fault, and green without. */
  readonly proven: number
  /** For people to judge. */
  readonly human: number
  /** Written down, with the reason why there is no scenario yet. */
  readonly later: number
}

/** By document, in the order of the registry. */
export function totalsByDocument({ rows }: Matrix): Totals[] {
  return [...Map.groupBy(rows, ({ requirement }) => requirement.document.id)].map(([name, own]) =>
    totalsOf(name, own[0]?.requirement.document.title ?? name, own),
  )
}

/** By system, those with most scenarios first, then those with most requirements; one of two systems counts for both. */
export function totalsBySystem({ rows, systems }: Matrix): Totals[] {
  return Object.entries(systems)
    .map(([name, title]) =>
      totalsOf(
        name,
        title,
        rows.filter(({ requirement }) => requirement.systems.includes(name)),
      ),
    )
    .filter(({ requirements }) => requirements > 0)
    .sort((a, b) => b.withScenario - a.withScenario || b.requirements - a.requirements || a.name.localeCompare(b.name))
}

export function totalsOf(name: string, title: string, rows: readonly Row[]): Totals {
  const count = (accept: (row: Row) => boolean) => rows.filter(accept).length
  const ofKind = (kind: Kind) => count(({ requirement }) => requirement.kind === kind)
  return {
    name,
    title,
    requirements: rows.length,
    kinds: {
      runtime: ofKind('runtime'),
      cluster: ofKind('cluster'),
      repository: ofKind('repository'),
      human: ofKind('human'),
    },
    withScenario: count(({ coverage }) => coverage === 'scenario' || coverage === 'same as another'),
    satisfied: count(isSatisfied),
    proven: count(({ proof }) => proof === 'proven'),
    human: count(({ coverage }) => coverage === 'human'),
    later: count(({ coverage }) => coverage === 'later'),
  }
}

function isSatisfied({ history, revision }: Row): boolean {
  const [last] = history
  return last !== undefined && last.verdict === 'satisfied' && last.revision === revision
}
