import { type Sweep, sweepChanges } from '../undo/sweep.ts'
import { forwardServices } from './forwarded-services.ts'

const longestMs = 60_000

/**
 * Undoes what runs that are gone left changed, where it is in a cluster through forwards of its own.
 * @param environment holds the secrets that their target files name
 */
export async function sweepLeftovers(environment: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<Sweep> {
  const signal = AbortSignal.timeout(longestMs)
  return await sweepChanges(environment, tell, targetFile =>
    forwardServices({ targetFile, environment, systems: [], signal }),
  )
}
