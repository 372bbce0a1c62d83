import type { Fault, Outcome } from '../observation.ts'
import type { ProofState } from '../proofs/proof.ts'
import type { Registry } from '../requirements/registry.ts'
import { revision } from '../requirements/requirement.ts'
import { isAccepted, type Verdict, withDeviation } from '../requirements/verdict.ts'
import type { Shard } from '../shard.ts'
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
  /** Its scenarios one by one; none where those of another requirement decided it. */
  readonly scenarios: readonly ScenarioResult[]
  /** Whether its scenarios have been seen to go red; null where nothing is on record. */
  readonly proof: ProofState | null
}

/** What one scenario found of its requirement: the worst of what it observed. */
export interface ScenarioResult {
  readonly name: string
  readonly verdict: Outcome
  readonly fault: Fault | null
  /** In the words of the feature. */
  readonly step: string
  /** The kind of the step; null where it was no step that decided. */
  readonly within: 'Given' | 'When' | 'Then' | null
  readonly request: string | null
  readonly message: string | null
  readonly first: string | null
  readonly last: string | null
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
  /** Deadlines are others than those of the requirements, by a scale or by a file: no statement of conformance. */
  readonly scaled: boolean
  /** Which part of the scenarios it ran; undefined: all. */
  readonly shard?: Shard
  /** ISO time. */
  readonly startedAt: string
  readonly wallMs: number
  /** Null while it runs; a run that has none was never finished. */
  readonly exitCode: number | null
  readonly scenarios: ScenarioCounts
  readonly requirements: readonly RequirementResult[]
  /** Whether any proof is on record. */
  readonly proofsOnRecord: boolean
  /** What went wrong apart from any requirement, such as a hook of the whole run. */
  readonly errors: readonly string[]
}

/** What is needed besides the verdict to tell what it means. */
export interface Context {
  readonly registry: Registry
  readonly deviations: readonly Deviation[]
  /** The day of the run, such as 2026-11-21. */
  readonly day: string
  readonly proofs: ProofsOnRecord | undefined
}

/** What is on record of the proofs of requirements, by id. */
export type ProofsOnRecord = ReadonlyMap<string, ProofState>

/** The result of a requirement and of those that its scenarios serve too. */
export function resultsOf(
  id: string,
  verdict: Verdict,
  scenarios: readonly ScenarioResult[],
  context: Context,
): RequirementResult[] {
  const { registry, deviations, day, proofs } = context
  const same = registry.requirements.filter(({ sameAs }) => sameAs === id).map(requirement => requirement.id)
  const deviationOf = (requirement: string) => deviations.find(entry => entry.requirement === requirement)
  return [id, ...same].map(each => {
    // What is accepted of a requirement is accepted of those that are the same.
    const seen = withDeviation(verdict, deviationOf(each) ?? deviationOf(id), day)
    const own = each === id ? { scenarios } : { scenarios: [], sameAs: id }
    return { ...resultOf(each, seen, registry), ...own, proof: proofs?.get(id) ?? null }
  })
}

function resultOf(id: string, verdict: Verdict, registry: Registry): Omit<RequirementResult, 'scenarios' | 'proof'> {
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
