import type { ReadRun } from '../report/run-file.ts'
import type { Registry } from '../requirements/registry.ts'
import type { Requirement } from '../requirements/requirement.ts'
import type { Profile } from './profile.ts'

/** How a promise of a profile stands after a run. */
export const standings = ['satisfied', 'violated', 'undetermined', 'not applicable', 'not covered'] as const
type Standing = (typeof standings)[number]

/** What a run says of one promise of a profile. */
interface Stated {
  readonly id: string
  readonly says: string
  readonly level: Requirement['level']
  readonly standing: Standing
  /** A violation that the target knows of and has accepted for now. */
  readonly accepted: boolean
  /** Why it is not satisfied; null where it is. */
  readonly cause: string | null
}

/** The conformance statement: how much of a profile a target keeps, who says so, and how to see it again. */
export interface Statement {
  readonly schemaVersion: 1
  readonly profile: string
  readonly target: string
  readonly runId: string
  /** ISO time. */
  readonly startedAt: string
  /** Of what was tested. */
  readonly versions: Readonly<Record<string, string>>
  /** Reproduces the run. */
  readonly command: string
  /** False where the deadlines were others than those of the requirements. */
  readonly isStatementOfConformance: boolean
  readonly counts: Readonly<Record<Standing, number>>
  readonly requirements: readonly Stated[]
}

/** What a run says of all promises of a profile, those included that it did not look at. */
export function statementOf(profile: Profile, run: ReadRun, command: string, byId: Registry['byId']): Statement {
  const results = new Map(run.requirements.map(result => [result.id, result]))
  const requirements = profile.requirements.map(requirement => stated(requirement, results.get(requirement.id), byId))
  const count = (standing: Standing) => requirements.filter(each => each.standing === standing).length
  return {
    schemaVersion: 1,
    profile: profile.name,
    target: run.target,
    runId: run.runId,
    startedAt: run.startedAt,
    versions: run.versions,
    command,
    isStatementOfConformance: !run.scaled,
    counts: {
      satisfied: count('satisfied'),
      violated: count('violated'),
      undetermined: count('undetermined'),
      'not applicable': count('not applicable'),
      'not covered': count('not covered'),
    },
    requirements,
  }
}

function stated(
  requirement: Requirement,
  result: ReadRun['requirements'][number] | undefined,
  byId: Registry['byId'],
): Stated {
  const { id, says, level } = requirement
  if (result === undefined) {
    return { id, says, level, standing: 'not covered', accepted: false, cause: whyNotCovered(requirement, byId) }
  }
  const { verdict, accepted, message } = result
  return { id, says, level, standing: verdict, accepted, cause: verdict === 'satisfied' ? null : (message ?? null) }
}

function whyNotCovered({ later, sameAs, kind }: Requirement, byId: Registry['byId']): string {
  const cause = later ?? byId.get(sameAs ?? '')?.later
  if (cause !== undefined) return cause
  return kind === 'human' && sameAs === undefined ? 'for a person to judge' : 'its scenarios were not part of this run'
}
