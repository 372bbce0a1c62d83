import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { loadFaults } from '../faults/load.ts'
import { loadScenarios } from '../gherkin/features.ts'
import { endOrphans } from '../lab/orphans.ts'
import { planInjections, quickSelection } from '../proofs/plan.ts'
import { project, readScenarioTexts } from '../proofs/scenario-texts.ts'
import { withoutFault, withoutScenario } from '../proofs/uncovered.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { isInLab, systemNames } from '../system-names.ts'
import { systemsOf } from '../tags.ts'
import { exitCodes, positiveCount, runCommand } from './command.ts'
import { keepCompiled } from './compile-cache.ts'
import { clusterTarget } from './place.ts'
import { ProvingLab } from './prove-lab.ts'
import { listPlan } from './prove-list.ts'
import type { ProveOrder } from './prove-order.ts'
import { ProveProgress } from './prove-progress.ts'
import { assertSomething, selectRequirements } from './prove-selection.ts'
import { prove } from './prove-session.ts'
import { ownSignals } from './signals.ts'
import { sweepLeftovers } from './sweeping.ts'

const help = `Proves that the scenarios can fail: breaks what they test, on labs, and looks whether they notice.

  npm run prove                       every fault, for every requirement that has a scenario
  npm run prove -- --tags @tempo --quick
  npm run prove -- --target cluster   what is about a cluster, by breaking the cluster lab

  --tags EXPRESSION   the requirements of these scenarios, such as "@tempo and not @slow"; default: all
  --requirement ID    only this requirement; may be given again
  --fault ID          only this fault of fixtures/faults, or one that follows from what was measured, such as
                      late/tempo-mimir.006.1/trace-by-id; may be given again
  --target cluster    brings the cluster lab up, which goes on running, and proves the scenarios tagged @kubernetes there;
                      default: labs of processes, and all other scenarios
  --quick             one fault for each requirement, few faults in all, and nothing is watched for as long as it should be
  --list              tells what would be proven by which faults, and starts nothing
  --labs COUNT        labs of processes side by side; default 2
  --reports FOLDER    where proofs.json goes; default reports
  --help              this text

First the scenarios run without a fault, which measures how long each wait takes, then again with deadlines as short as that
allows; then under one fault after the other. A proof counts where the scenario was red for the reason that the fault gives.
Exit codes: 0 every fault was noticed, without a false alarm; 1 one was not, or an alarm was false; 2 the request cannot be
met; 3 something kept it from being decided; 130 interrupted.`

const options = {
  tags: { type: 'string', short: 't' },
  requirement: { type: 'string', multiple: true, default: [] as string[] },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  labs: { type: 'string', default: '2' },
  target: { type: 'string' },
  reports: { type: 'string', default: 'reports' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Why something is not proven on a lab of processes. */
const ofCluster = 'is about a cluster: npm run prove -- --target cluster'

await runCommand({ options, help }, async asked => {
  keepCompiled()
  const labs = positiveCount('--labs', asked.labs)
  if (asked.target !== undefined && asked.target !== clusterTarget)
    throw new UsageError(`--target takes ${clusterTarget} only: what is broken here must be a lab`)
  const registry = loadRegistry()
  const catalogue = loadFaults(registry)
  const scenarios = loadScenarios(project)
  const ids = asked.requirement.map(id => registry.byId.get(id)?.sameAs ?? id)
  const selection = { tags: asked.tags, requirements: ids }
  const systemsFor = (id: string) => scenarios.flatMap(({ tags }) => (tags.includes(`@${id}`) ? systemsOf(tags) : []))
  const selected = selectRequirements(scenarios, selection, asked.fault, catalogue)
  const onCluster = asked.target !== undefined
  const isOfCluster = (id: string) => !systemsFor(id).every(isInLab)
  const requirements = selected.filter(id => isOfCluster(id) === onCluster)
  if (requirements.length === 0) {
    const where = onCluster ? 'that is proven on a lab of processes, without --target cluster' : ofCluster
    throw new UsageError(`${selected.join(', ')}: ${where}`)
  }
  const systems = systemNames.filter(name => requirements.some(id => systemsFor(id).includes(name)))
  const faults = asked.fault.length === 0 ? undefined : new Set(asked.fault)
  const brought = catalogue.faults.filter(({ cluster }) => cluster.length > 0 === onCluster)
  const planned = planInjections(brought, { requirements: new Set(requirements), faults })
  assertSomething(asked.fault, planned)
  const named = asked.quick ? quickSelection(planned) : planned
  const whole = faults === undefined && asked.requirement.length === 0
  const unprovable = [
    ...(whole && !onCluster ? withoutScenario(registry, systems) : []),
    ...(onCluster ? [] : selected.filter(isOfCluster).map(id => ({ id, cause: ofCluster }))),
  ]
  const kinds = asked.quick || onCluster ? [] : catalogue.generic
  if (asked.list) {
    const open = faults === undefined ? withoutFault(requirements, brought) : []
    const lines = listPlan(requirements, named, kinds, [...unprovable, ...open], registry)
    process.stdout.write(`${lines.join('\n')}\n`)
    return exitCodes.satisfied
  }

  using signals = ownSignals()
  using progress = new ProveProgress(process.stderr)
  const tell = (line: string) => progress.tell(line)
  const texts = readScenarioTexts()
  const hasSystemsOf = (id: string) =>
    isOfCluster(id) === onCluster && systemsFor(id).every(name => systems.includes(name))
  const order: ProveOrder = {
    requirements,
    possible: new Set(texts.map(({ requirement }) => requirement).filter(hasSystemsOf)),
    named,
    askedFaults: faults,
    generic: kinds,
    unprovable,
    catalogue,
    registry,
    scenarios: texts,
    quick: asked.quick,
    reports: resolve(asked.reports),
  }
  try {
    using resources = new DisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'observability-acceptance-prove-'))
    resources.defer(() => rmSync(folder, { recursive: true, force: true }))
    await endOrphans(tell)
    await sweepLeftovers(process.env, tell)
    await using started = new AsyncDisposableStack()
    const { signal } = signals
    if (onCluster) {
      const { ProvingCluster } = await import('./prove-cluster.ts')
      const cluster = started.use(await ProvingCluster.start({ systems, signal, tell }))
      return await prove({ labs: [cluster], scenarios: order.scenarios, folder, progress }, order)
    }
    // What must be built is built once, for the first.
    const start = async () => started.use(await ProvingLab.start({ systems: systems.filter(isInLab), signal, tell }))
    const first = await start()
    const others = await Promise.all(Array.from({ length: labs - 1 }, start))
    return await prove({ labs: [first, ...others], scenarios: order.scenarios, folder, progress }, order)
  } catch (error) {
    if (!signals.signal.aborted) throw error
    tell('interrupted; everything that was started has been ended')
    return exitCodes.interrupted
  }
})
