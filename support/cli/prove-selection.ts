import { UsageError } from '../errors.ts'
import type { Catalogue } from '../faults/catalogue.ts'
import type { PlannedScenario } from '../gherkin/features.ts'
import { type Selection, selectScenarios } from '../gherkin/selection.ts'
import { touchedBy } from '../proofs/judge.ts'
import type { Injection } from '../proofs/plan.ts'
import { requirementOf } from '../tags.ts'
import { nearestWords } from './command.ts'

/** What generated faults are called: `never/KIND`, `almost/KIND/NAME`, `late/REQUIREMENT/KIND`, `in-time/REQUIREMENT/KIND`. */
const generated = /^(never|almost|late|in-time)\//

/** The requirements to be proven, in the order of their scenarios. @throws UsageError for what nobody knows */
export function selectRequirements(
  scenarios: readonly PlannedScenario[],
  selection: Selection,
  faults: readonly string[],
  catalogue: Catalogue,
): string[] {
  const known = new Map(catalogue.faults.map(fault => [fault.id, fault]))
  const unknown = faults.filter(id => !known.has(id) && !generated.test(id))
  if (unknown.length > 0) throw unknownFaults(unknown, [...known.keys()])
  const selected = selectScenarios(scenarios, selection, nearestWords).flatMap(({ tags }) => requirementOf(tags) ?? [])
  const wanted = [...new Set(selected)]
  if (faults.length === 0 || selection.requirements.length > 0) return wanted
  const concerned = faults.flatMap(id => {
    const fault = known.get(id)
    if (fault !== undefined) return [...touchedBy(fault), ...(touchedBy(fault).length === 0 ? fault.leaves : [])]
    const [how, requirement = ''] = id.split('/')
    return how === 'late' || how === 'in-time' ? [requirement] : wanted
  })
  return wanted.filter(id => concerned.includes(id))
}

/** @throws UsageError where faults were asked for that say nothing of the requirements that were asked for */
export function assertSomething(faults: readonly string[], planned: readonly Injection[]): void {
  if (faults.length === 0 || planned.length > 0 || faults.some(id => generated.test(id))) return
  throw new UsageError(`${faults.join(' and ')}: says nothing of the requirements that are selected`)
}

/** @throws UsageError for generated faults that were asked for and that nothing made */
export function assertMade(asked: readonly string[], made: readonly string[]): void {
  const unknown = asked.filter(id => generated.test(id) && !made.includes(id))
  if (unknown.length > 0) throw unknownFaults(unknown, made)
}

function unknownFaults(ids: readonly string[], known: readonly string[]): UsageError {
  return new UsageError(
    'nothing can be selected',
    ids.map(id => {
      const nearest = nearestWords(id, known)
      return `there is no fault ${id}; ${nearest.length === 0 ? 'none is like it' : `did you mean ${nearest.join(', ')}?`}`
    }),
  )
}
