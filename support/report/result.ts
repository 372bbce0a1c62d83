import type { Fault, Outcome } from '../observation.ts'
import type { Registry } from '../requirements/registry.ts'
import { revision } from '../requirements/requirement.ts'
import { isAccepted, type Verdict, withDeviation } from '../requirements/verdict.ts'
import type { Deviation } from '../target/schema.ts'

/** What one run found of one requirement, ready to be written and printed. Times are milliseconds. */
export interface RequirementResult {
  readonly id: string
  readonly says: string
  readonly revision: string
  /** The requirement whose scenarios decided this one, where they are not its own. */
  readonly sameAs?: string
  readonly verdict: Outcome
  readonly accepted: boolean
  readonly deviation?: NonNullable<Verdict['deviation']>
  readonly fault: Fault | null
  readonly deadlineMs: number | null
  readonly timeToTrueMs: number | null
  readonly uncertaintyMs: number | null
  readonly attempts: number
  readonly request?: string
  readonly first?: string
  readonly last?: string
  readonly message: string | null
  readonly notes: readonly string[]
}

export interface ScenarioCounts {
  readonly passed: number
  readonly failed: number
  readonly notApplicable: number
  readonly undetermined: number
}

/** One run as a whole. */
export interface RunResult {
  readonly runId: string
  /** The target's name. */
  readonly target: string
  readonly versions: Readonly<Record<string, string>>
  readonly deadlineScale: number
  /** ISO time. */
  readonly startedAt: string
  readonly wallMs: number
  /** Null while it runs; a run that has none was never finished. */
  readonly exitCode: number | null
  readonly scenarios: ScenarioCounts
  readonly requirements: readonly RequirementResult[]
  /** What went wrong apart from any requirement, such as a hook of the whole run. */
  readonly errors: readonly string[]
}

/** What is needed besides the verdict to tell what it means. */
export interface Context {
  readonly registry: Registry
  readonly deviations: readonly Deviation[]
  /** The day of the run, such as 2026-11-21. */
  readonly day: string
}

/** The result of a requirement and of those that its scenarios serve too. */
export function resultsOf(id: string, verdict: Verdict, context: Context): RequirementResult[] {
  const { registry, deviations, day } = context
  const same = registry.requirements.filter(({ sameAs }) => sameAs === id).map(requirement => requirement.id)
  const deviationOf = (requirement: string) => deviations.find(entry => entry.requirement === requirement)
  return [id, ...same].map(each => {
    // What is accepted of a requirement is accepted of those that are the same.
    const seen = withDeviation(verdict, deviationOf(each) ?? deviationOf(id), day)
    return { ...resultOf(each, seen, registry), ...(each !== id && { sameAs: id }) }
  })
}

function resultOf(id: string, verdict: Verdict, registry: Registry): RequirementResult {
  const requirement = registry.byId.get(id)
  const { fault, deadlineMs, timeToTrueMs, uncertaintyMs, attempts, request, first, last, message } =
    verdict.observation
  return {
    id,
    says: requirement?.says ?? 'This requirement is not in the registry.',
    revision: requirement === undefined ? '' : revision(requirement),
    verdict: verdict.outcome,
    accepted: isAccepted(verdict),
    ...(verdict.deviation !== undefined && { deviation: verdict.deviation }),
    fault,
    deadlineMs,
    timeToTrueMs,
    uncertaintyMs,
    attempts,
    ...(request !== undefined && { request }),
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
    message: message ?? null,
    notes: verdict.notes,
  }
}
