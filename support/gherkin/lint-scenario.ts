import { type Background, type Scenario, type Step, StepKeywordType } from '@cucumber/messages'
import { formatDuration } from '../duration.ts'
import { figuresIn } from '../requirements/figures.ts'
import type { Requirement } from '../requirements/requirement.ts'
import { durationsIn } from '../requirements/sentence.ts'
import { isDisruptive } from '../tags.ts'

const mostGivens = 2

/** Where it stands in its file, and what is wrong there. */
export type Fault = readonly [line: number, message: string]

/** What stands around a scenario. */
interface Surroundings {
  /** Undefined where its Rule names none that is known. */
  readonly requirement: Requirement | undefined
  /** Its own and the inherited ones. */
  readonly tags: readonly string[]
  readonly backgrounds: readonly Background[]
}

export function* faultsOfBackground({ location, steps }: Background): Generator<Fault> {
  if (steps.length > mostGivens)
    yield [location.line, `a Background has at most ${mostGivens} steps, not ${steps.length}`]
  for (const { step, type } of typed(steps)) {
    if (type !== StepKeywordType.CONTEXT) yield [step.location.line, 'a Background has nothing but Givens']
  }
}

export function* faultsOfScenario(scenario: Scenario, around: Surroundings): Generator<Fault> {
  const { line } = scenario.location
  const steps = typed(scenario.steps)
  const whens = steps.filter(({ type }) => type === StepKeywordType.ACTION)
  for (const { step } of whens.slice(1)) yield [step.location.line, 'a second When; a scenario has at most one']
  if (!steps.some(({ type }) => type === StepKeywordType.OUTCOME)) yield [line, 'without a Then it cannot fail']
  for (const { location, tableBody } of scenario.examples) {
    if (tableBody.length === 0) yield [location.line, 'Examples without a row, so nothing is run']
  }
  const { requirement } = around
  if (requirement === undefined) return
  if (requirement.disruptive && !isDisruptive(around.tags)) yield [line, `${requirement.id} takes the tag @disruptive`]
  yield* faultsOfDurations(scenario, requirement, around.backgrounds)
  yield* faultsOfFigures(scenario, requirement)
}

/** What a scenario counts or measures as its requirement does, it counts and measures with the requirement's figures. */
function* faultsOfFigures(scenario: Scenario, { id, says }: Requirement): Generator<Fault> {
  const promised = Map.groupBy(figuresIn(says), ({ unit }) => unit)
  for (const [line, text] of textsOf(scenario)) {
    for (const { value, unit, text: shown } of figuresIn(text)) {
      const own = promised.get(unit)
      if (own === undefined || own.some(figure => figure.value === value)) continue
      yield [line, `"${shown}", but ${id} says ${own.map(figure => `"${figure.text}"`).join(', ')}`]
    }
  }
}

/** A deadline that differs from the requirement's, or is not there, would prove something else. */
function* faultsOfDurations(
  scenario: Scenario,
  { id, says, withinMs }: Requirement,
  backgrounds: readonly Background[],
): Generator<Fault> {
  const promised = [...durationsIn(says), ...(withinMs === undefined ? [] : [withinMs])]
  const texts = textsOf(scenario)
  for (const [line, text] of texts) {
    for (const ms of durationsIn(text).filter(ms => !promised.includes(ms))) {
      const instead = promised.length === 0 ? 'names no duration' : `names ${promised.map(formatDuration).join(', ')}`
      yield [line, `${formatDuration(ms)}, but ${id} ${instead}`]
    }
  }
  if (withinMs === undefined) return
  const steps = [...scenario.steps, ...backgrounds.flatMap(({ steps }) => steps)]
  if (!steps.some(({ text }) => durationsIn(text).includes(withinMs))) {
    yield [scenario.location.line, `no step names the ${formatDuration(withinMs)} of ${id}`]
  }
}

/** Everything that a scenario says, with the line where it says it. */
function textsOf({ location, name, steps, examples }: Scenario): [number, string][] {
  const rows = [...examples.flatMap(({ tableBody }) => tableBody), ...steps.flatMap(step => step.dataTable?.rows ?? [])]
  return [
    [location.line, name],
    ...steps.map((step): [number, string] => [step.location.line, step.text]),
    ...rows.flatMap(({ cells }) => cells.map((cell): [number, string] => [cell.location.line, cell.value])),
  ]
}

/** `And` and `But` are what the step before them is. */
function typed(steps: readonly Step[]): { readonly step: Step; readonly type: StepKeywordType | undefined }[] {
  let type: StepKeywordType | undefined
  return steps.map(step => {
    if (step.keywordType !== StepKeywordType.CONJUNCTION) type = step.keywordType
    return { step, type }
  })
}
