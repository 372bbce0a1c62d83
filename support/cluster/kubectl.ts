import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EnvironmentError } from '../errors.ts'
import type { ClusterPlace } from './place.ts'

const execute = promisify(execFile)

export type Kubectl = (...given: string[]) => Promise<string>

/** The file by which whoever may do everything reaches the cluster lab. */
export function adminKubeconfig({ folder }: ClusterPlace): string {
  return join(folder, 'credentials', 'admin.kubeconfig')
}

/** kubectl for the cluster lab, which tells what it wrote. @throws EnvironmentError with what it complained of */
export function kubectl(program: string, place: ClusterPlace, signal: AbortSignal): Kubectl {
  return async (...given) => {
    const all = ['--kubeconfig', adminKubeconfig(place), ...given]
    try {
      return (await execute(program, all, { signal, maxBuffer: 2 ** 26 })).stdout
    } catch (error) {
      signal.throwIfAborted()
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
      throw new EnvironmentError(`kubectl ${given.join(' ')} failed: ${said}`)
    }
  }
}
