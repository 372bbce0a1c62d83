import parseTagExpression from '@cucumber/tag-expressions'
import { describeError, UsageError } from '../errors.ts'
import type { PlannedScenario } from './features.ts'

/** What the user asked to run; both must hold where both are given. */
export interface Selection {
  /** A tag expression such as `@tempo and not @slow`. */
  readonly tags?: string | undefined
  /** Ids of requirements. */
  readonly requirements: readonly string[]
}

/**
 * The scenarios that were asked for.
 * @param nearest names known words that are like an unknown one, the most alike first
 * @throws UsageError where the expression is malformed, names a tag or an id that no scenario has, or selects nothing
 */
export function selectScenarios(
  scenarios: readonly PlannedScenario[],
  selection: Selection,
  nearest: (word: string, among: readonly string[]) => readonly string[],
): PlannedScenario[] {
  const known = [...new Set(scenarios.flatMap(scenario => scenario.tags))]
  const ids = known.filter(tag => tag.includes('.')).map(tag => tag.slice(1))
  const faults = [
    ...tagsIn(selection.tags ?? '')
      .filter(tag => !known.includes(tag))
      .map(tag => `no scenario is tagged ${tag}; ${alike(nearest(tag, known))}`),
    ...selection.requirements
      .filter(id => !ids.includes(id))
      .map(id => `no scenario proves requirement ${id}; ${alike(nearest(id, ids))}`),
  ]
  if (faults.length > 0) throw new UsageError('nothing can be selected', faults)

  const wanted = compileExpression(selection.tags)
  const selected = scenarios.filter(({ tags }) => {
    const named = selection.requirements.length === 0 || selection.requirements.some(id => tags.includes(`@${id}`))
    return named && wanted(tags)
  })
  if (selected.length === 0) {
    throw new UsageError(
      `no scenario matches ${selection.tags}; the tags are ${known.filter(tag => !tag.includes('.')).join(', ')}`,
    )
  }
  return selected
}

/** The tag expression that selects just these requirements and tags, for Cucumber. */
export function tagExpressionOf({ tags, requirements }: Selection): string {
  const ids = requirements.map(id => `@${id}`).join(' or ')
  return [tags, ids]
    .filter(part => part)
    .map(part => `(${part})`)
    .join(' and ')
}

function compileExpression(expression: string | undefined): (tags: readonly string[]) => boolean {
  try {
    const node = parseTagExpression(expression ?? '')
    return tags => node.evaluate([...tags])
  } catch (error) {
    throw new UsageError(
      `--tags ${expression}: ${describeError(error)}; write for example "@tempo and not @slow"`,
      [],
      { cause: error },
    )
  }
}

function tagsIn(expression: string): string[] {
  return expression.match(/@[^\s()]+/g) ?? []
}

function alike(words: readonly string[]): string {
  return words.length === 0 ? 'none is like it' : `did you mean ${words.join(', ')}?`
}
