import type {
  Attachment,
  Envelope,
  Exception,
  Pickle,
  PickleStep,
  TestCase,
  TestStepFinished,
} from '@cucumber/messages'
import { type Observation, type Outcome, observationMediaType, outcomes } from '../observation.ts'
import { decide, undeterminedBy, type Verdict } from '../requirements/verdict.ts'
import type { ScenarioCounts, ScenarioResult } from './result.ts'

/** Cucumber's media type of `world.log`. */
const logMediaType = 'text/x.cucumber.log+plain'

/** An observation, and the kind of the step in which it was made; null for hooks. */
interface Told {
  readonly observation: Observation
  readonly within: ScenarioResult['within']
}

/** Everything that one scenario told, over all its attempts. */
interface Scenario {
  readonly pickle: Pickle
  readonly requirements: readonly string[]
  readonly testCase: TestCase
  readonly told: Told[]
  readonly logs: string[]
  /** Steps in which something was observed that is not satisfied: their failing is explained. */
  readonly explained: Set<string>
  ended: boolean
}

/** Makes verdicts of the messages of a Cucumber run. Knows nothing of files, colours or the registry. */
export class Collector {
  /** What went wrong apart from any requirement. */
  readonly errors: string[] = []
  readonly #pickles = new Map<string, Pickle>()
  readonly #scenarios = new Map<string, Scenario>()
  readonly #attempts = new Map<string, Scenario>()

  /** Takes the next message; answers with the requirements whose last scenario it ended. */
  receive(envelope: Envelope): string[] {
    const { pickle, testCase, testCaseStarted, testCaseFinished, attachment, testStepFinished } = envelope
    if (pickle !== undefined) this.#pickles.set(pickle.id, pickle)
    if (testCase !== undefined) this.#plan(testCase)
    if (testCaseStarted !== undefined) {
      const scenario = this.#scenarios.get(testCaseStarted.testCaseId)
      if (scenario !== undefined) this.#attempts.set(testCaseStarted.id, scenario)
    }
    if (attachment !== undefined) this.#attach(attachment)
    if (testStepFinished !== undefined) this.#endStep(testStepFinished)
    if (envelope.testRunHookFinished?.result.status === 'FAILED') {
      this.errors.push(
        `a hook of the run failed: ${envelope.testRunHookFinished.result.message ?? 'without a message'}`,
      )
    }
    const exception = envelope.testRunFinished?.exception
    if (exception !== undefined) this.errors.push(`the run broke off: ${textOf(exception)}`)
    if (envelope.parseError !== undefined) this.errors.push(envelope.parseError.message)
    return testCaseFinished === undefined || testCaseFinished.willBeRetried
      ? []
      : this.#end(testCaseFinished.testCaseStartedId)
  }

  /** The requirements that the selected scenarios are tagged with, in the order of the scenarios. */
  get requirements(): string[] {
    return [...new Set([...this.#scenarios.values()].flatMap(({ requirements }) => requirements))]
  }

  /** What all scenarios of a requirement come to; a scenario that has not ended keeps it undetermined. */
  verdictOf(requirement: string): Verdict {
    const own = this.#scenariosWith(requirement)
    const told = own.flatMap(scenario => toldOf(scenario, requirement))
    const verdict = decide(
      requirement,
      told.map(({ observation }) => observation),
    )
    return { ...verdict, notes: [...new Set([...verdict.notes, ...own.flatMap(({ logs }) => logs)])] }
  }

  /** What each scenario of a requirement comes to by itself. */
  scenariosOf(requirement: string): ScenarioResult[] {
    return this.#scenariosWith(requirement).map(scenario => {
      const told = toldOf(scenario, requirement)
      const { observation } = decide(
        requirement,
        told.map(each => each.observation),
      )
      const { outcome, fault, fact, request, message, first, last } = observation
      return {
        name: scenario.pickle.name,
        verdict: outcome,
        fault,
        step: fact,
        within: told.find(each => each.observation === observation)?.within ?? null,
        request: request ?? null,
        message: message ?? null,
        first: first ?? null,
        last: last ?? null,
      }
    })
  }

  /** What one scenario comes to, by the id of an attempt at it; asked when it has ended. */
  verdictOfScenario(testCaseStartedId: string): Verdict {
    return decideAll(this.#attempts.get(testCaseStartedId)?.told ?? [])
  }

  /** How many scenarios came out how, by the worst that each observed. */
  count(): ScenarioCounts {
    const counts = { passed: 0, failed: 0, notApplicable: 0, undetermined: 0 }
    for (const { ended, told } of this.#scenarios.values()) {
      const { outcome } = decideAll(told)
      counts[ended ? countedAs[outcome] : 'undetermined'] += 1
    }
    return counts
  }

  #scenariosWith(requirement: string): Scenario[] {
    return [...this.#scenarios.values()].filter(({ requirements }) => requirements.includes(requirement))
  }

  #plan(testCase: TestCase): void {
    const pickle = this.#pickles.get(testCase.pickleId)
    if (pickle === undefined) return
    // A requirement's id is the only tag that holds a dot.
    const requirements = pickle.tags.map(({ name }) => name.slice(1)).filter(name => name.includes('.'))
    if (requirements.length === 0) this.errors.push(`${pickle.uri}: "${pickle.name}" is tagged with no requirement`)
    const scenario = {
      pickle,
      requirements,
      testCase,
      told: [],
      logs: [],
      explained: new Set<string>(),
      ended: false,
    }
    this.#scenarios.set(testCase.id, scenario)
  }

  #attach(attachment: Attachment): void {
    const scenario = this.#attempts.get(attachment.testCaseStartedId ?? '')
    if (scenario === undefined) return
    const body =
      attachment.contentEncoding === 'BASE64' ? Buffer.from(attachment.body, 'base64').toString() : attachment.body
    if (attachment.mediaType === logMediaType) scenario.logs.push(body)
    if (attachment.mediaType !== observationMediaType) return
    const observation = readObservation(body)
    if (observation === undefined)
      this.#fault(scenario, `its scenario told something unreadable: ${body.slice(0, 200)}`)
    else if (!scenario.requirements.includes(observation.requirement)) {
      this.#fault(scenario, `its scenario observed ${observation.requirement}, which it is not tagged with`)
    } else scenario.told.push({ observation, within: keywordOf(scenario, attachment.testStepId) })
    if (observation?.outcome !== 'satisfied') scenario.explained.add(attachment.testStepId ?? '')
  }

  #endStep({ testCaseStartedId, testStepId, testStepResult }: TestStepFinished): void {
    const scenario = this.#attempts.get(testCaseStartedId)
    const { status, message, exception } = testStepResult
    if (scenario === undefined || status === 'PASSED' || status === 'SKIPPED' || scenario.explained.has(testStepId))
      return
    const text = pickleStepOf(scenario, testStepId)?.text
    const what = text === undefined ? 'a hook' : `the step "${text}"`
    const why = exception === undefined ? (message ?? reasons[status] ?? String(status)) : textOf(exception)
    this.#fault(scenario, `${what}: ${why}`)
  }

  #end(testCaseStartedId: string): string[] {
    const scenario = this.#attempts.get(testCaseStartedId)
    if (scenario === undefined) return []
    scenario.ended = true
    const open = [...this.#scenarios.values()].filter(({ ended }) => !ended).flatMap(({ requirements }) => requirements)
    return scenario.requirements.filter(requirement => !open.includes(requirement))
  }

  #fault(scenario: Scenario, message: string): void {
    for (const requirement of scenario.requirements) {
      scenario.told.push({ observation: undeterminedBy(requirement, message, scenario.pickle.name), within: null })
    }
  }
}

/** What a scenario told of a requirement; its silence is told too. */
function toldOf({ told, ended, pickle }: Scenario, requirement: string): Told[] {
  const own = told.filter(({ observation }) => observation.requirement === requirement)
  if (ended && own.length > 0) return own
  const silence = ended ? 'its scenario observed nothing' : 'its scenario has not ended'
  return [...own, { observation: undeterminedBy(requirement, silence, pickle.name), within: null }]
}

function decideAll(told: readonly Told[]): Verdict {
  return decide(
    '',
    told.map(({ observation }) => observation),
  )
}

const keywords = { Context: 'Given', Action: 'When', Outcome: 'Then' } as const

/** What the feature file says of a step that runs; undefined for a hook. */
export function pickleStepOf(
  { testCase, pickle }: Pick<Scenario, 'testCase' | 'pickle'>,
  testStepId: string | undefined,
): PickleStep | undefined {
  const step = testCase.testSteps.find(({ id }) => id === testStepId)
  return pickle.steps.find(({ id }) => id === step?.pickleStepId)
}

function keywordOf(scenario: Scenario, testStepId: string | undefined): Told['within'] {
  const type = pickleStepOf(scenario, testStepId)?.type
  return type === undefined || type === 'Unknown' ? null : keywords[type]
}

const countedAs = {
  satisfied: 'passed',
  'not applicable': 'notApplicable',
  undetermined: 'undetermined',
  violated: 'failed',
} as const satisfies Record<Outcome, keyof ScenarioCounts>

const reasons: Readonly<Record<string, string>> = {
  UNDEFINED: 'no step definition matches it',
  AMBIGUOUS: 'more than one step definition matches it',
  PENDING: 'its step definition is pending',
}

function readObservation(body: string): Observation | undefined {
  try {
    const observation = JSON.parse(body) as Observation
    const known = typeof observation.requirement === 'string' && outcomes.includes(observation.outcome)
    return known ? observation : undefined
  } catch {
    return undefined
  }
}

/** With the stack, since it is the suite that has to be mended. */
function textOf({ type, message, stackTrace }: Exception): string {
  return stackTrace ?? `${type}: ${message ?? ''}`
}
