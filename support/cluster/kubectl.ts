import { join } from 'node:path'
import { execa } from 'execa'
import { EnvironmentError } from '../errors.ts'
import type { ClusterPlace } from './place.ts'

/** kubectl for the cluster lab, which returns what it wrote. @throws EnvironmentError with what it complained of */
export interface Kubectl {
  (...given: string[]): Promise<string>
  withInput(input: string, ...given: string[]): Promise<string>
}

/** The file by which whoever may do everything reaches the cluster lab. */
export function adminKubeconfig({ folder }: ClusterPlace): string {
  return join(folder, 'credentials', 'admin.kubeconfig')
}

export function kubectl(program: string, place: ClusterPlace, signal: AbortSignal): Kubectl {
  const control = async (input: string | undefined, given: string[]): Promise<string> => {
    const all = ['--kubeconfig', adminKubeconfig(place), ...given]
    const ended = await execa(program, all, {
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      cancelSignal: signal,
      reject: false,
    })
    signal.throwIfAborted()
    if (ended.exitCode === 0) return ended.stdout
    throw new EnvironmentError(
      `kubectl ${given.join(' ')} failed: ${ended.stderr || (ended.originalMessage ?? 'it could not be started')}`,
    )
  }
  return Object.assign(async (...given: string[]) => await control(undefined, given), {
    withInput: async (input: string, ...given: string[]) => await control(input, given),
  })
}
