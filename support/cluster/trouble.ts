import { describeError, EnvironmentError } from '../errors.ts'
import type { Kubectl } from './kubectl.ts'

const lastLines = 20

/** Why a workload did not become ready: its pods, what happened to them, and what they wrote last. */
export async function describeTrouble(
  control: Kubectl,
  namespace: string,
  name: string,
  error: unknown,
): Promise<EnvironmentError> {
  const ours = `--namespace=${namespace}`
  const pods = `--selector=app.kubernetes.io/name=${name}`
  const told = async (...given: string[]) => await control(ours, ...given).catch(describeError)
  const parts = await Promise.all([
    told('get', 'pods', pods, '--output=wide'),
    told('get', 'events', '--sort-by=.lastTimestamp', `--field-selector=involvedObject.name=${name}-0`),
    told('logs', pods, `--tail=${lastLines}`, '--prefix'),
  ])
  return new EnvironmentError(`${name} did not become ready: ${describeError(error)}\n\n${parts.join('\n')}`)
}
