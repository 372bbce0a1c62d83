import { describeError, EnvironmentError } from '../errors.ts'
import type { LabIncident } from '../lab/lab.ts'
import { withNeeds } from '../lab/lab-systems.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { isInLab, type SystemName } from '../system-names.ts'
import { assertDeviationsKnown, loadTarget } from '../target/load.ts'
import { checkTarget, describeProblem } from '../target/preflight.ts'
import { forwardServices } from './forwarded-services.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import { sweepLeftovers } from './sweeping.ts'

/** What --target takes instead of a file, for the cluster lab. */
export const clusterTarget = 'cluster'

/** Where the systems run that will be tested: somebody's target, or a lab that lives for this run. */
export interface Place extends AsyncDisposable {
  readonly targetFile: string
  /** What the target file refers to. */
  readonly environment: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, string>>
  /** Servers of the lab that died by themselves. */
  incidents(): readonly LabIncident[]
}

export interface PlaceOptions {
  /** The lab, where it is undefined. */
  readonly targetFile: string | undefined
  readonly systems: readonly SystemName[]
  readonly signal: AbortSignal
}

/**
 * Opens the target, or starts a lab, and looks whether every system that is needed can be reached. First it undoes and
 * ends what runs before it left behind when they were killed.
 * @throws UsageError for a faulty target file; EnvironmentError that lists every system that does not answer
 */
export async function openPlace(options: PlaceOptions): Promise<Place> {
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  await using opening = new AsyncDisposableStack()
  const place = opening.use(await openTarget(options, tell))
  try {
    const forwards = opening.use(
      await forwardServices({
        ...options,
        targetFile: place.targetFile,
        environment: { ...process.env, ...place.environment },
      }),
    )
    const environment = { ...place.environment, ...forwards.environment }
    const target = loadTarget(place.targetFile, { ...process.env, ...environment })
    assertDeviationsKnown(target, loadRegistry())
    await sweepLeftovers({ ...process.env, ...environment }, tell)
    const checked = await checkTarget(target, options.systems, options.signal)
    if (checked.problems.length > 0) {
      const problems = checked.problems.map(problem => `  - ${describeProblem(problem)}`).join('\n')
      throw new EnvironmentError(`the target ${target.name} is not ready, so no scenario was run\n${problems}`)
    }
    const open = opening.move()
    return {
      targetFile: place.targetFile,
      environment,
      versions: { ...checked.versions, ...place.versions },
      incidents: () => place.incidents(),
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    }
  } catch (error) {
    // What goes wrong while it is ended must not hide why it was.
    await opening.disposeAsync().catch((failure: unknown) => tell(`while ending: ${describeError(failure)}`))
    throw error
  }
}

async function openTarget(options: PlaceOptions, tell: (line: string) => void): Promise<Place> {
  if (options.targetFile === undefined) return await openLab(options, tell)
  if (options.targetFile === clusterTarget) return await openCluster(options, tell)
  return openFile(options.targetFile)
}

/** The cluster lab goes on running after the run; npm run cluster -- down ends it. */
async function openCluster({ systems, signal }: PlaceOptions, tell: (line: string) => void): Promise<Place> {
  const [{ bootCluster }, { deploy }] = await Promise.all([
    import('../cluster/cluster.ts'),
    import('../cluster/deployment.ts'),
  ])
  using progress = new LabProgressPrinter(process.stderr)
  const place = await bootCluster({ signal, onProgress: event => progress.print(event) })
  const deployment = await deploy({ place, systems: withNeeds(systems.filter(isInLab)), signal, tell })
  return { ...openFile(deployment.targetFile), environment: deployment.environment }
}

function openFile(targetFile: string): Place {
  return {
    targetFile,
    environment: {},
    versions: {},
    incidents: () => [],
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function openLab({ systems, signal }: PlaceOptions, tell: (line: string) => void): Promise<Place> {
  const [{ startLab }, { endOrphans }] = await Promise.all([import('../lab/lab.ts'), import('../lab/orphans.ts')])
  await endOrphans(tell)
  using progress = new LabProgressPrinter(process.stderr)
  return await startLab({
    systems: systems.filter(isInLab),
    ports: 'free',
    signal,
    onProgress: event => progress.print(event),
  })
}
