import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../errors.ts'
import { loadScenarios, scenarioMessages } from '../gherkin/features.ts'
import { selectScenarios } from '../gherkin/selection.ts'
import { loadProfile } from '../profile/profile.ts'
import { readExitCode } from '../report/run-file.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { newRunId } from '../run-environment.ts'
import { describeShard } from '../shard.ts'
import { countEnded, mergeRuns, silentShards } from '../shards/merge.ts'
import { replay } from '../shards/replay.ts'
import { readShardRun, type ShardRun } from '../shards/shard-run.ts'
import { nearestWords } from './command.ts'
import { commandOf, selectedRequirements, stateConformance } from './conformance.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** What several runs were to run together. */
export interface MergeOrder {
  readonly target: string
  readonly tags: string | undefined
  readonly profile: string | undefined
  /** How many shards there were to be; undefined: as they tell. */
  readonly shards: number | undefined
  /** Folder for the report, absolute. */
  readonly reports: string
}

/**
 * Makes one report of the reports of several runs, as one run would have written and printed it.
 * @returns the exit code of the whole
 * @throws UsageError where a folder holds no reports, or the runs do not belong together
 */
export async function mergeReports(folders: readonly string[], order: MergeOrder): Promise<number> {
  const { target, tags, reports } = order
  const registry = loadRegistry()
  const scenarios = loadScenarios(project)
  const profile = order.profile === undefined ? undefined : loadProfile(order.profile, registry)
  const requirements = selectedRequirements([], profile, scenarios, registry)
  const selected = selectScenarios(scenarios, { tags, requirements }, nearestWords)
  const runs = folders.map(folder => readShardRun(folder))
  const total = order.shards ?? Math.max(0, ...runs.map(({ run }) => run.shard?.total ?? 0))
  for (const line of describeRuns(runs, total)) process.stderr.write(`${line}\n`)

  const run = { runId: newRunId(), reports }
  Object.assign(process.env, {
    ACCEPT_TARGET: target,
    ACCEPT_RUN_ID: run.runId,
    ACCEPT_REPORTS: reports,
    ACCEPT_DEADLINE_SCALE: String(commonScale(runs)),
    ACCEPT_VERSIONS: JSON.stringify(Object.assign({}, ...runs.map(each => each.run.versions))),
  })
  mkdirSync(reports, { recursive: true })
  const messages = createWriteStream(join(reports, 'messages.ndjson'))
  replay(mergeRuns(runs, scenarioMessages(project, selected), total), {
    print: text => void process.stdout.write(text),
    keep: text => void messages.write(text),
  })
  await finished(messages.end())
  if (profile !== undefined) stateConformance(profile, run, commandOf(process.argv.slice(2)), registry)
  return readExitCode(reports, run.runId)
}

function describeRuns(runs: readonly ShardRun[], total: number): string[] {
  const heard = runs.map(each => {
    const { shard, runId, exitCode } = each.run
    const whose = shard === undefined ? `run ${runId}` : `${describeShard(shard)}, run ${runId}`
    return `${whose}: ${countEnded(each)} scenarios${exitCode === null ? '; it broke off' : ''}`
  })
  return [...heard, ...silentShards(runs, total).map(shard => `${shard}: never reported`)]
}

/** @throws UsageError where runs with other deadlines are among them */
function commonScale(runs: readonly ShardRun[]): number {
  const scales = [...new Set(runs.map(({ run }) => run.deadlineScale))]
  const [scale = 1, other] = scales
  if (other !== undefined) throw new UsageError(`the runs had different deadlines: × ${scales.join(', × ')}`)
  return scale
}
