import { type Deadlines, deadlinesOf } from './deadlines.ts'
import { interruption } from './interruption.ts'
import { type RunEnvironment, readRunEnvironment } from './run-environment.ts'
import { answerLocally } from './target/forwarded-names.ts'
import { readTarget } from './target/load.ts'
import { hostOf } from './target/service-address.ts'
import { forwardsVariable } from './target/services.ts'
import type { Target } from './target/target.ts'

/** What all scenarios of a run share, in this thread. */
export interface Run extends RunEnvironment {
  readonly target: Target
  /** Ends every wait when the run is interrupted. */
  readonly signal: AbortSignal
  readonly deadlines: Deadlines
  /** When this thread began to work for the run. */
  readonly startedAt: Date
}

let current: Run | undefined

/** The run that this thread works for; read from the environment and the target file once. */
export function currentRun(): Run {
  if (current === undefined) {
    const environment = readRunEnvironment(process.env)
    const { target, services } = readTarget(environment.targetFile, process.env)
    // Inside a cluster its own DNS knows them.
    if (process.env[forwardsVariable] !== undefined) answerLocally(services.map(hostOf))
    current = {
      ...environment,
      target,
      signal: interruption,
      deadlines: deadlinesOf({
        scale: environment.deadlineScale,
        file: environment.deadlinesFile,
        waitsFile: environment.waitsFile,
      }),
      startedAt: new Date(),
    }
  }
  return current
}
