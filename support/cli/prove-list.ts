import type { Fault } from '../faults/fault.ts'
import type { Generic } from '../faults/generic.ts'
import { touchedBy } from '../proofs/judge.ts'
import type { Injection } from '../proofs/plan.ts'
import type { Unprovable } from '../proofs/uncovered.ts'
import type { Registry } from '../requirements/registry.ts'

/** What would be proven by which faults, as lines. */
export function listPlan(
  requirements: readonly string[],
  injections: readonly Injection[],
  generic: readonly Generic[],
  unprovable: readonly Unprovable[],
  registry: Pick<Registry, 'byId'>,
): string[] {
  const lines = requirements.flatMap(id => [
    `${id}  ${registry.byId.get(id)?.says ?? ''}`,
    ...injections
      .filter(
        ({ touched, left, fault }) => touched.includes(id) || (touchedBy(fault).length === 0 && left.includes(id)),
      )
      .map(
        ({ fault }) => `    ${howOf(fault, id).padEnd(10)} ${fault.id}  ${fault.breaks}${fault.slow ? '  slow' : ''}`,
      ),
  ])
  const byCause = Map.groupBy(unprovable, ({ cause }) => cause)
  return [
    ...lines,
    ...[...byCause].map(([cause, own]) => `not proven, ${cause}: ${own.map(({ id }) => id).join(', ')}`),
    ...generic.map(
      ({ kind, asks }) => `for what asks /${asks}/, faults of the kind ${kind} are made when it has been measured`,
    ),
    `${requirements.length} requirements, ${injections.length} faults would be brought about`,
  ]
}

function howOf({ refutes, undecides }: Fault, id: string): string {
  if (refutes[id] !== undefined) return 'refuted'
  return undecides[id] === undefined ? 'mended' : 'undecided'
}
