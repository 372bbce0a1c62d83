import { relative } from 'node:path'
import { EnvironmentError, UsageError } from '../errors.ts'
import type { PlannedScenario } from '../gherkin/features.ts'
import type { Profile } from '../profile/profile.ts'
import { statementOf } from '../profile/statement.ts'
import { describeStatement, writeStatement } from '../profile/write.ts'
import { readRun } from '../report/run-file.ts'
import type { Registry } from '../requirements/registry.ts'
import { requirementOf } from '../tags.ts'
import type { RunSettings } from './cucumber.ts'

/**
 * The requirements whose scenarios prove what was asked for: those that were named, and of a profile all that have any.
 * @throws UsageError where a profile has none, or holds none of those that were named
 */
export function selectedRequirements(
  named: readonly string[],
  profile: Profile | undefined,
  scenarios: readonly PlannedScenario[],
  registry: Registry,
): string[] {
  const provenBy = (id: string) => registry.byId.get(id)?.sameAs ?? id
  if (profile === undefined) return named.map(provenBy)
  const proven = new Set(scenarios.map(({ tags }) => requirementOf(tags)))
  const whole = [...new Set(profile.requirements.map(({ id }) => provenBy(id)))].filter(id => proven.has(id))
  if (whole.length === 0) {
    const count = profile.requirements.length
    throw new UsageError(
      `none of the ${count} requirements of ${profile.name} has a scenario yet; npm run trace says why`,
    )
  }
  const strangers = named.filter(id => !profile.requirements.some(requirement => requirement.id === id))
  if (strangers.length > 0) throw new UsageError(`not in profile ${profile.name}: ${strangers.join(', ')}`)
  return named.length === 0 ? whole : named.map(provenBy)
}

/** Writes what the run says of the profile, and tells it. A run that never ended states nothing. */
export function stateConformance(
  profile: Profile,
  run: Pick<RunSettings, 'runId' | 'reports'>,
  command: string,
  registry: Registry,
): void {
  try {
    const statement = statementOf(profile, readRun(run.reports, run.runId), command, registry.byId)
    const files = writeStatement(run.reports, statement).map(file => relative(process.cwd(), file))
    process.stdout.write(`${describeStatement(statement)}\nwritten: ${files.join(', ')}\n`)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    process.stderr.write(`nothing is stated of profile ${profile.name}: ${error.message}\n`)
  }
}

/** The command that reproduces a run, as it can be given to a shell. */
export function commandOf(given: readonly string[]): string {
  const quoted = given.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
  return ['npm run accept --', ...quoted].join(' ')
}
