import type { Registry } from '../requirements/registry.ts'
import { postponements } from '../requirements/schema.ts'
import { laterOf, type Matrix } from './matrix.ts'
import type { Table } from './tables.ts'
import { type Totals, totalsByDocument, totalsBySystem, totalsOf } from './totals.ts'

const states = ['requirements', 'with a scenario', 'satisfied', 'proven', 'human', 'later']

/** What is how far, by document, with the kinds of its requirements and everything together. */
export function documentsTable(matrix: Matrix): Table {
  const all = totalsOf('all', '', matrix.rows)
  const rows = [...totalsByDocument(matrix), all].map(totals => {
    const { runtime, cluster, repository, human } = totals.kinds
    return [totals.name, ...statesOf(totals), runtime, cluster, repository, human]
  })
  return { head: ['document', ...states, 'runtime', 'cluster', 'repository', 'of kind human'], rows }
}

/** What is how far, by system; a requirement about two of them stands with both. */
export function systemsTable(matrix: Matrix): Table {
  return {
    head: ['system', ...states],
    rows: totalsBySystem(matrix).map(totals => [totals.name, ...statesOf(totals)]),
  }
}

/** For the README: nothing in it depends on what ran where. */
export function standingTable(matrix: Matrix): Table {
  return {
    head: ['system', 'requirements', 'with a scenario', 'human', 'later'],
    rows: totalsBySystem(matrix).map(({ title, requirements, withScenario, human, later }) => [
      title,
      requirements,
      withScenario,
      human,
      later,
    ]),
  }
}

/** Why there is no scenario yet, and for what share of all requirements. */
export function laterTable(matrix: Matrix, byId: Registry['byId']): Table {
  const causes = matrix.rows.filter(({ coverage }) => coverage === 'later').map(row => laterOf(row, byId))
  const rows = postponements.map(cause => {
    const count = causes.filter(each => each === cause).length
    return [cause, count, `${((100 * count) / Math.max(1, matrix.rows.length)).toFixed(1)} %`]
  })
  return { head: ['later, because it', 'requirements', 'of all'], rows }
}

function statesOf({ requirements, withScenario, satisfied, proven, human, later }: Totals): number[] {
  return [requirements, withScenario, satisfied, proven, human, later]
}
