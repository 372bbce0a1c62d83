import { makeBadge } from 'badge-maker'
import type { Statement } from './statement.ts'

/** The statement as a small SVG picture, for a README or a dashboard. */
export function badgeOf({ profile, counts, requirements, isStatementOfConformance }: Statement): string {
  if (!isStatementOfConformance) return makeBadge({ label: profile, message: 'scaled', color: 'lightgrey' })
  const violated = requirements.filter(({ standing, accepted }) => standing === 'violated' && !accepted).length
  const parts = [
    `${counts.satisfied} of ${requirements.length} satisfied`,
    ...(violated > 0 ? [`${violated} violated`] : []),
    ...(counts.undetermined > 0 ? [`${counts.undetermined} undetermined`] : []),
  ]
  return makeBadge({ label: profile, message: parts.join(', '), color: colorOf(violated, counts) })
}

/** Green is for a profile of which everything that could be tried was kept. */
function colorOf(violated: number, counts: Statement['counts']): string {
  if (violated > 0) return 'red'
  if (counts.undetermined > 0 || counts.satisfied === 0) return 'lightgrey'
  return counts['not covered'] > 0 ? 'green' : 'brightgreen'
}
