import type { Answer } from './answer.ts'
import { type KubernetesClient, statusOf } from './kubernetes-client.ts'

export interface PodLog {
  readonly namespace: string
  readonly name: string
  readonly container?: string
  /** Of the container that ran before it was last restarted. */
  readonly previous?: boolean
  readonly sinceSeconds?: number
  /** Each line begins with its time. */
  readonly timestamps?: boolean
}

/**
 * What a container of a pod wrote; nothing where the pod is gone, and while the container waits to start, which the API
 * server answers with 400.
 */
export async function podLog(client: KubernetesClient, asked: PodLog, signal: AbortSignal): Promise<Answer<string>> {
  return await client.ask(`log of ${asked.namespace}/${asked.name}`, signal, async ({ core }, options) => {
    try {
      return (await core.readNamespacedPodLog(asked, options)) ?? ''
    } catch (error) {
      if (statusOf(error) === 400 || statusOf(error) === 404) return ''
      throw error
    }
  })
}
