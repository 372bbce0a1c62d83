import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import { NotApplicable, RequestError } from '../errors.ts'
import type { Answer } from './answer.ts'
import type { KubernetesClient } from './kubernetes-client.ts'
import { describePod, describePods, isLeaving } from './kubernetes-description.ts'
import { podLog } from './kubernetes-log.ts'
import { memoryOf, selectorOf } from './kubernetes-text.ts'
import type { Workload, WorkloadStatus } from './workload.ts'

export interface WorkloadPlace {
  readonly kind: 'StatefulSet' | 'Deployment' | 'DaemonSet'
  readonly namespace: string
  readonly name: string
}

/** What a controller says of the pods that it wants, and of those that it has. */
export interface ControllerState {
  readonly selector: string
  readonly wanted: number
  readonly ready: number
}

/** A StatefulSet, Deployment or DaemonSet, seen and disrupted through the API server. */
export class KubernetesWorkload implements Workload {
  readonly name: string
  readonly place: WorkloadPlace
  readonly #client: KubernetesClient
  readonly #ownMemory: ((signal: AbortSignal) => Promise<number | undefined>) | undefined

  /** @param ownMemory what the system tells of its memory itself, where the cluster measures none; bytes */
  constructor(
    client: KubernetesClient,
    place: WorkloadPlace,
    ownMemory?: (signal: AbortSignal) => Promise<number | undefined>,
  ) {
    this.name = `${place.namespace}/${place.kind}/${place.name}`
    this.place = place
    this.#client = client
    this.#ownMemory = ownMemory
  }

  async status(signal: AbortSignal): Promise<Answer<WorkloadStatus>> {
    const { wanted, ready, selector } = (await this.controller(signal)).value
    const pods = await this.#podsOf(selector, signal)
    const containers = pods.value.flatMap(pod => (pod.status?.containerStatuses ?? []).map(status => ({ pod, status })))
    const restarts = containers.reduce((sum, { status }) => sum + status.restartCount, 0)
    const started = containers
      .map(({ status }) => startOf(status))
      .filter(date => date !== undefined)
      .sort((left, right) => right.getTime() - left.getTime())[0]
    const leaving = pods.value.filter(isLeaving).length
    const memoryBytes = await this.#memory(selector, signal)
    const isReady = wanted > 0 && ready === wanted && pods.value.length === wanted && leaving === 0
    return {
      ...pods,
      value: {
        ready: isReady,
        restarts,
        incarnation: containers.map(({ pod, status }) => `${pod.metadata?.uid}#${status.restartCount}`).join(' '),
        ...(started === undefined ? {} : { startedAt: started }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        description: `${this.name}: ${ready} of ${wanted} ready; ${pods.value.map(describePod).join('; ') || 'no pods'}`,
      },
    }
  }

  /** The controller's own counts, and the selector of its pods. @throws RequestError where there is no such workload */
  async controller(signal: AbortSignal): Promise<Answer<ControllerState>> {
    const { kind, namespace, name } = this.place
    const given = { namespace, name }
    const answer = await this.#client.find(`get ${kind} ${namespace}/${name}`, signal, async ({ apps }, options) => {
      if (kind === 'DaemonSet') {
        const { spec, status } = await apps.readNamespacedDaemonSet(given, options)
        const [wanted, ready] = [status?.desiredNumberScheduled ?? 0, status?.numberReady ?? 0]
        return { selector: selectorOf(spec?.selector), wanted, ready }
      }
      const { spec, status } =
        kind === 'StatefulSet'
          ? await apps.readNamespacedStatefulSet(given, options)
          : await apps.readNamespacedDeployment(given, options)
      return { selector: selectorOf(spec?.selector), wanted: spec?.replicas ?? 1, ready: status?.readyReplicas ?? 0 }
    })
    if (answer.value === undefined)
      throw new RequestError(`${answer.request}: there is no such workload; correct it in the target, or deploy it`)
    return { ...answer, value: answer.value }
  }

  /** Its pods, with everything that stands in them. */
  async pods(signal: AbortSignal): Promise<Answer<V1Pod[]>> {
    const { selector } = (await this.controller(signal)).value
    return await this.#podsOf(selector, signal)
  }

  async describe(signal: AbortSignal): Promise<Answer<string>> {
    const { namespace } = this.place
    const { selector } = (await this.controller(signal)).value
    const pods = await this.#allPodsOf(selector, signal)
    const names = new Set(pods.value.map(({ metadata }) => metadata?.name))
    const events = await this.#client.ask(`list events ${namespace}`, signal, async ({ core }, options) => {
      const { items } = await core.listNamespacedEvent({ namespace }, options)
      return items.filter(({ involvedObject }) => involvedObject.kind === 'Pod' && names.has(involvedObject.name))
    })
    return { ...events, value: describePods(pods.value, events.value) }
  }

  /** Of every container of its pods; what a container wrote before it was last restarted is among it. */
  async log(since: Date, signal: AbortSignal): Promise<Answer<string[]>> {
    const pods = await this.pods(signal)
    const lines: { at: string; text: string }[] = []
    for (const pod of pods.value) {
      for (const { name, restartCount } of pod.status?.containerStatuses ?? []) {
        if (restartCount > 0) lines.push(...(await this.#lines(pod, name, since, true, signal)))
        lines.push(...(await this.#lines(pod, name, since, false, signal)))
      }
    }
    lines.sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    return { ...pods, value: lines.map(({ text }) => text) }
  }

  /** Deletes every pod; its controller makes others. */
  async terminate(signal: AbortSignal): Promise<void> {
    await this.#deletePods(signal)
  }

  /** Deletes every pod with the shortest notice that Kubernetes gives: the kubelet still sends a SIGTERM, and 1 s later a SIGKILL. */
  async kill(signal: AbortSignal): Promise<void> {
    await this.#deletePods(signal, 1)
  }

  async instances(signal: AbortSignal): Promise<Answer<number>> {
    const answer = await this.controller(signal)
    return { ...answer, value: answer.value.wanted }
  }

  /** By the subresource scale. @throws NotApplicable for a DaemonSet, whose pods are as many as there are nodes */
  async scale(instances: number, signal: AbortSignal): Promise<void> {
    const { kind, namespace, name } = this.place
    if (kind === 'DaemonSet') throw new NotApplicable(`${this.name} cannot be scaled`)
    const given = { namespace, name, body: [{ op: 'replace', path: '/spec/replicas', value: instances }] }
    await this.#client.ask(`scale ${kind} ${namespace}/${name} to ${instances}`, signal, ({ apps }, options) =>
      kind === 'StatefulSet'
        ? apps.patchNamespacedStatefulSetScale(given, options)
        : apps.patchNamespacedDeploymentScale(given, options),
    )
  }

  async #deletePods(signal: AbortSignal, gracePeriodSeconds?: number): Promise<void> {
    const pods = await this.pods(signal)
    for (const { metadata } of pods.value) {
      const given = { namespace: this.place.namespace, name: metadata?.name ?? '' }
      const notice = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
      await this.#client.find(`delete pod ${given.namespace}/${given.name}`, signal, ({ core }, options) =>
        core.deleteNamespacedPod({ ...given, ...notice }, options),
      )
    }
  }

  async #podsOf(labelSelector: string, signal: AbortSignal): Promise<Answer<V1Pod[]>> {
    const pods = await this.#allPodsOf(labelSelector, signal)
    const isOver = ({ status }: V1Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed'
    return { ...pods, value: pods.value.filter(pod => !isOver(pod)) }
  }

  /** Also those that are over, such as evicted ones. */
  async #allPodsOf(labelSelector: string, signal: AbortSignal): Promise<Answer<V1Pod[]>> {
    const { namespace } = this.place
    return await this.#client.ask(`list pods ${namespace} ${labelSelector}`, signal, async ({ core }, options) => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector }, options)
      return items
    })
  }

  /** The API server begins each line with its time; the lines themselves keep what the container wrote. */
  async #lines(pod: V1Pod, container: string, since: Date, previous: boolean, signal: AbortSignal) {
    const { namespace } = this.place
    const name = pod.metadata?.name ?? ''
    const sinceSeconds = Math.max(1, Math.ceil((Date.now() - since.getTime()) / 1_000))
    const asked = { namespace, name, container, previous, sinceSeconds, timestamps: true }
    const { value } = await podLog(this.#client, asked, signal)
    return value
      .split('\n')
      .filter(line => line !== '')
      .map(line => ({ at: line.slice(0, line.indexOf(' ')), text: line.slice(line.indexOf(' ') + 1) }))
      .filter(({ at }) => Date.parse(at) >= since.getTime())
  }

  /** Bytes of the largest pod, by metrics.k8s.io where it is served, else as the system tells it of itself. */
  async #memory(labelSelector: string, signal: AbortSignal): Promise<number | undefined> {
    const { namespace } = this.place
    const measured = await this.#client.find(`metrics of pods ${namespace}`, signal, ({ custom }, options) =>
      custom.listNamespacedCustomObject(
        { group: 'metrics.k8s.io', version: 'v1beta1', namespace, plural: 'pods', labelSelector },
        options,
      ),
    )
    const found = memoryOf(measured.value)
    if (found !== undefined || this.#ownMemory === undefined) return found
    try {
      return await this.#ownMemory(signal)
    } catch {
      // It does not answer now, which others look at.
      return undefined
    }
  }
}

function startOf({ state }: V1ContainerStatus): Date | undefined {
  return state?.running?.startedAt
}
