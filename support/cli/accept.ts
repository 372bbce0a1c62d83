import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadScenarios } from '../gherkin/features.ts'
import { type Selection, selectScenarios, tagExpressionOf } from '../gherkin/selection.ts'
import { loadProfile } from '../profile/profile.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { newRunId } from '../run-environment.ts'
import { parseShard } from '../shard.ts'
import { systemNames } from '../system-names.ts'
import { systemsOf } from '../tags.ts'
import { exitCodes, nearestWords, positiveCount, positiveNumber, runCommand } from './command.ts'
import { keepCompiled } from './compile-cache.ts'
import { concludeRun } from './conclusion.ts'
import { commandOf, selectedRequirements, stateConformance } from './conformance.ts'
import { runScenarios } from './cucumber.ts'
import { openPlace } from './place.ts'
import { printPlan } from './plan.ts'
import { ownSignals } from './signals.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

const help = `Proves that observability systems keep their promises.

  npm run accept -- --tags @tempo                    on the embedded lab
  npm run accept -- --target home.yaml --tags @tempo on your own systems

  --tags EXPRESSION       which scenarios, such as "@tempo and not @slow"; default: all
  --profile NAME          the promises of a document (lgtm, tempo-mimir ...) or of a YAML file of your own; the run ends with a
                          statement of how much of it is kept: reports/conformance.json, and conformance.svg as a badge
  --requirement ID        only the scenarios of this requirement; may be given again
  --target FILE           the systems to test, as fixtures/targets/example.yaml describes; default: the lab;
                          cluster: the cluster lab, a Kubernetes that is booted on this machine where it does not run yet
  --deadline-scale FACTOR multiplies every deadline, to try things out; such a run is no statement of conformance
  --parallel COUNT        scenarios at a time; default 8
  --shard INDEX/TOTAL     only a part of them, such as 2/3; npm run merge makes one report of all parts
  --reports FOLDER        where the reports go; default reports
  --dry-run               tells what would run, and starts nothing
  --help                  this text

Exit codes: 0 every promise kept or its deviation accepted, 1 a promise broken, 2 the request cannot be met,
3 something kept the suite from deciding, 130 interrupted. The reports: reports/run.json, reports/ledger.ndjson,
and npm run report for a page to read.`

const options = {
  tags: { type: 'string', short: 't' },
  requirement: { type: 'string', multiple: true, default: [] as string[] },
  profile: { type: 'string' },
  target: { type: 'string' },
  'deadline-scale': { type: 'string', default: '1' },
  parallel: { type: 'string', default: '8' },
  shard: { type: 'string' },
  reports: { type: 'string', default: 'reports' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

await runCommand({ options, help }, async asked => {
  keepCompiled()
  const registry = loadRegistry()
  const scenarios = loadScenarios(project)
  const profile = asked.profile === undefined ? undefined : loadProfile(asked.profile, registry)
  const requirements = selectedRequirements(asked.requirement, profile, scenarios, registry)
  const selection: Selection = { tags: asked.tags, requirements }
  const deadlineScale = positiveNumber('--deadline-scale', asked['deadline-scale'])
  const parallel = positiveCount('--parallel', asked.parallel)
  const shard = asked.shard === undefined ? undefined : parseShard(asked.shard)
  const selected = selectScenarios(scenarios, selection, nearestWords)
  const systems = systemNames.filter(name => selected.some(({ tags }) => systemsOf(tags).includes(name)))
  if (asked['dry-run']) return await printPlan(project, selected, tagExpressionOf(selection))

  using signals = ownSignals()
  try {
    await using place = await openPlace({ targetFile: asked.target, systems, signal: signals.signal })
    const run = {
      runId: newRunId(),
      reports: resolve(asked.reports),
      deadlineScale,
      parallel: Math.min(parallel, selected.length),
      ...(shard !== undefined && { shard }),
    }
    await runScenarios(project, tagExpressionOf(selection), place, run)
    const exitCode = concludeRun(run, place)
    // A part of the scenarios states nothing of the whole.
    if (profile !== undefined && shard === undefined)
      stateConformance(profile, run, commandOf(process.argv.slice(2)), registry)
    return exitCode
  } catch (error) {
    if (!signals.signal.aborted) throw error
    process.stderr.write('interrupted; everything that was started has been ended\n')
    return exitCodes.interrupted
  }
})
