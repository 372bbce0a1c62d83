import { describeError, EnvironmentError } from '../errors.ts'
import type { LabIncident } from '../lab/lab.ts'
import { loadRegistry } from '../requirements/registry.ts'
import type { SystemName } from '../system-names.ts'
import { assertDeviationsKnown, loadTarget } from '../target/load.ts'
import { checkTarget } from '../target/preflight.ts'
import { sweepChanges } from '../undo/sweep.ts'
import { LabProgressPrinter } from './lab-progress.ts'

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
  const place = options.targetFile === undefined ? await openLab(options, tell) : openFile(options.targetFile)
  try {
    const target = loadTarget(place.targetFile, { ...process.env, ...place.environment })
    assertDeviationsKnown(target, loadRegistry())
    await sweepChanges({ ...process.env, ...place.environment }, tell)
    const checked = await checkTarget(target, options.systems, options.signal)
    if (checked.problems.length > 0) {
      const problems = checked.problems.map(problem => `  - ${problem}`).join('\n')
      throw new EnvironmentError(`the target ${target.name} is not ready, so no scenario was run\n${problems}`)
    }
    return {
      targetFile: place.targetFile,
      environment: place.environment,
      versions: { ...checked.versions, ...place.versions },
      incidents: () => place.incidents(),
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    }
  } catch (error) {
    try {
      await place[Symbol.asyncDispose]()
    } catch (failure) {
      tell(`while ending: ${describeError(failure)}`)
    }
    throw error
  }
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
  return await startLab({ systems, ports: 'free', signal, onProgress: event => progress.print(event) })
}
