import { PassThrough } from 'node:stream'
import type { Envelope } from '@cucumber/messages'
import type { Shard } from '../shard.ts'
import type { Place } from './place.ts'

/** What one run is, besides its target. */
export interface RunSettings {
  readonly runId: string
  /** Folder, absolute. */
  readonly reports: string
  readonly deadlineScale: number
  /** Scenarios at a time. */
  readonly parallel: number
  /** Only this part of the scenarios. */
  readonly shard?: Shard
}

/** Runs the scenarios in this process; the formatter of cucumber.js prints and writes what comes of it. */
export async function runScenarios(project: string, tags: string, place: Place, run: RunSettings): Promise<void> {
  Object.assign(process.env, place.environment, {
    ACCEPT_TARGET: place.targetFile,
    ACCEPT_RUN_ID: run.runId,
    ACCEPT_DEADLINE_SCALE: String(run.deadlineScale),
    ACCEPT_REPORTS: run.reports,
    ACCEPT_VERSIONS: JSON.stringify(place.versions),
    ACCEPT_PARALLEL: String(run.parallel),
    ACCEPT_SHARD: run.shard === undefined ? '' : `${run.shard.index}/${run.shard.total}`,
  })
  const { loadConfiguration, runCucumber } = await import('@cucumber/cucumber/api')
  const environment = { cwd: project, env: process.env }
  const { runConfiguration } = await loadConfiguration({ provided: { tags } }, environment)
  await runCucumber(runConfiguration, environment)
}

/** The texts of steps that no definition matches, or more than one: what a dry run can tell. */
export async function unmatchedSteps(project: string, tags: string): Promise<string[]> {
  const { loadConfiguration, runCucumber } = await import('@cucumber/cucumber/api')
  const environment = { cwd: project, stdout: new PassThrough().resume() }
  const { runConfiguration } = await loadConfiguration({ provided: { tags, dryRun: true, parallel: 0 } }, environment)
  const texts = new Map<string, string>()
  const unmatched = new Set<string>()
  const quiet = { ...runConfiguration, formats: { ...runConfiguration.formats, stdout: 'message', files: {} } }
  await runCucumber(quiet, environment, (envelope: Envelope) => {
    for (const step of envelope.pickle?.steps ?? []) texts.set(step.id, step.text)
    for (const { pickleStepId, stepDefinitionIds } of envelope.testCase?.testSteps ?? []) {
      if (pickleStepId !== undefined && stepDefinitionIds?.length !== 1)
        unmatched.add(texts.get(pickleStepId) ?? pickleStepId)
    }
  })
  return [...unmatched]
}
