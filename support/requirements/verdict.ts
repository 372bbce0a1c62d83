import type { Observation, Outcome } from '../observation.ts'
import { outcomes } from '../observation.ts'
import type { Deviation } from '../target/schema.ts'

/** What a target's known deviation means for a verdict: it accepts it, its date is over, or it is needed no longer. */
type DeviationState = 'accepted' | 'past' | 'no longer needed'

/** What a run found of one requirement. */
export interface Verdict {
  readonly outcome: Outcome
  /** The observation that decided it: the worst, and among satisfied ones that with the least headroom. */
  readonly observation: Observation
  readonly deviation?: { readonly state: DeviationState; readonly entry: Deviation }
  readonly notes: readonly string[]
}

/** Ends a run; 130 outranks the others. */
export const runExitCodes = { satisfied: 0, violated: 1, undetermined: 3, interrupted: 130 } as const

/** How much of its deadline a fact used, from 0 to 1; undefined where either is not known. */
export function shareOf({
  deadlineMs,
  timeToTrueMs,
}: Pick<Observation, 'deadlineMs' | 'timeToTrueMs'>): number | undefined {
  return deadlineMs === null || timeToTrueMs === null || deadlineMs <= 0 ? undefined : timeToTrueMs / deadlineMs
}

/** The verdict on a requirement from all that its scenarios observed; without any observation nothing is decided. */
export function decide(
  requirement: string,
  observations: readonly Observation[],
  silence = 'its scenario observed nothing',
): Verdict {
  const [first, ...rest] = observations.length > 0 ? observations : [undeterminedBy(requirement, silence)]
  const observation = rest.reduce((worst, other) => (isWorse(other, worst) ? other : worst), first as Observation)
  return { outcome: observation.outcome, observation, notes: observations.flatMap(({ notes }) => notes ?? []) }
}

/** An observation that stands in for one that could not be made, for a fault of the suite. */
export function undeterminedBy(requirement: string, message: string, fact = ''): Observation {
  const nothing = { deadlineMs: null, timeToTrueMs: null, uncertaintyMs: null, attempts: 0 }
  return { requirement, fact, outcome: 'undetermined', fault: 'harness', ...nothing, message }
}

/** The verdict seen in the light of what the target declares; `day` is the day of the run, such as 2026-11-21. */
export function withDeviation(verdict: Verdict, entry: Deviation | undefined, day: string): Verdict {
  if (entry === undefined) return verdict
  if (verdict.outcome === 'satisfied') return { ...verdict, deviation: { state: 'no longer needed', entry } }
  if (verdict.outcome !== 'violated') return verdict
  return { ...verdict, deviation: { state: day <= entry.until ? 'accepted' : 'past', entry } }
}

/** Whether a verdict is a violation that the target knows of and has accepted for now. */
export function isAccepted({ outcome, deviation }: Pick<Verdict, 'outcome' | 'deviation'>): boolean {
  return outcome === 'violated' && deviation?.state === 'accepted'
}

/** The exit code of a run. Where nothing was decided, nothing is proven. */
export function exitCodeOf(
  decided: readonly { readonly verdict: Outcome; readonly accepted: boolean }[],
  run: { readonly interrupted: boolean; readonly faulty: boolean },
): number {
  const some = (...verdicts: Outcome[]) => decided.some(({ verdict }) => verdicts.includes(verdict))
  if (run.interrupted) return runExitCodes.interrupted
  if (decided.some(({ verdict, accepted }) => verdict === 'violated' && !accepted)) return runExitCodes.violated
  const proven = some('satisfied', 'violated') && !some('undetermined') && !run.faulty
  return proven ? runExitCodes.satisfied : runExitCodes.undetermined
}

function isWorse(one: Observation, other: Observation): boolean {
  const difference = outcomes.indexOf(one.outcome) - outcomes.indexOf(other.outcome)
  if (difference !== 0) return difference > 0
  if (one.outcome !== 'satisfied') return false
  const shares = (shareOf(one) ?? -1) - (shareOf(other) ?? -1)
  return shares === 0 ? (one.timeToTrueMs ?? 0) > (other.timeToTrueMs ?? 0) : shares > 0
}
