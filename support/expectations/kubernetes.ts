import type { V1Container, V1Node, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node'
import { Unmet } from '../errors.ts'
import { mebibytes } from './workloads.ts'

/** Accepts a claim that is bound to a volume. */
export const isBound = (claim: V1PersistentVolumeClaim | undefined): void => {
  if (claim === undefined) throw new Unmet('there is no such claim')
  const phase = claim.status?.phase ?? 'unknown'
  if (phase !== 'Bound' || claim.spec?.volumeName === undefined) {
    const storageClass = claim.spec?.storageClassName ?? 'no class at all'
    throw new Unmet(`the claim is ${phase}, not Bound (class ${storageClass})`)
  }
}

/** Accepts a claim that has at least this capacity. @param bytesOf reads quantities such as `32Mi` */
export const hasCapacity =
  (wanted: string, bytesOf: (quantity: string | undefined) => number | undefined) =>
  (claim: V1PersistentVolumeClaim | undefined): void => {
    if (claim === undefined) throw new Unmet('there is no such claim')
    const { capacity, conditions = [] } = claim.status ?? {}
    const found = capacity?.storage
    if ((bytesOf(found) ?? 0) >= (bytesOf(wanted) ?? Number.POSITIVE_INFINITY)) return
    const why = conditions.map(({ type, message }) => `; ${type}: ${message ?? ''}`).join('')
    throw new Unmet(`the claim has ${found ?? 'no capacity'}, not ${wanted}${why}`)
  }

/** Accepts that something is not there any more. */
export const isGone =
  (what: string) =>
  (found: unknown): void => {
    if (found !== undefined) throw new Unmet(`${what} is still there`)
  }

/** Accepts nodes that are all Ready; a cluster without a node is none. */
export const allNodesReady = (nodes: readonly V1Node[]): void => {
  if (nodes.length === 0) throw new Unmet('the cluster has no node')
  const unready = nodes.flatMap(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    if (ready?.status === 'True') return []
    return [`${metadata?.name}: Ready is ${ready?.status ?? 'not told'} (${ready?.message ?? 'no reason given'})`]
  })
  if (unready.length > 0)
    throw new Unmet(`${unready.length} of ${nodes.length} nodes are not Ready: ${unready.join('; ')}`)
}

/** Accepts a pod that was given a node. */
export const isScheduled = (pod: V1Pod | undefined): void => {
  if (pod === undefined) throw new Unmet('there is no such pod')
  if (pod.spec?.nodeName !== undefined) return
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  throw new Unmet(`the pod has no node: ${scheduled?.message ?? 'the scheduler has not looked at it'}`)
}

/** Accepts a pod whose script ended well. */
export const hasSucceeded = (pod: V1Pod | undefined): void => {
  if (pod === undefined) throw new Unmet('there is no such pod')
  const phase = pod.status?.phase ?? 'unknown'
  if (phase === 'Succeeded') return
  const [container] = pod.status?.containerStatuses ?? []
  const waiting = container?.state?.waiting
  const ended = container?.state?.terminated
  const how = waiting === undefined ? '' : `, waiting: ${waiting.reason} ${waiting.message ?? ''}`
  const exit = ended === undefined ? '' : `, exit code ${ended.exitCode}`
  throw new Unmet(`the pod is ${phase}${how}${exit}`)
}

/** Accepts pods of which none is one of these (by their uids), and all of whose containers run. */
export const podsStarted =
  (deleted: readonly string[]) =>
  (pods: readonly V1Pod[]): void => {
    const others = pods.filter(({ metadata }) => !deleted.includes(metadata?.uid ?? ''))
    if (others.length === 0) throw new Unmet('no new pod is there yet')
    for (const { metadata, status } of others) {
      const containers = status?.containerStatuses ?? []
      const waiting = containers.filter(({ state }) => state?.running === undefined)
      if (containers.length === 0) throw new Unmet(`${metadata?.name} is ${status?.phase}, without a container`)
      if (waiting.length > 0) {
        const why = waiting.map(({ name, state }) => `${name} (${state?.waiting?.reason ?? state?.terminated?.reason})`)
        throw new Unmet(`${metadata?.name}: not running: ${why.join(', ')}`)
      }
    }
  }

/** Accepts a log that is exactly this. */
export const wroteExactly =
  (text: string) =>
  (log: string): void => {
    if (log.trimEnd() !== text)
      throw new Unmet(`it reads ${JSON.stringify(log.slice(0, 200))}, expected ${JSON.stringify(text)}`)
  }

/** Accepts pods of which each container has a memory limit, all of a pod together at most so many bytes. */
export const memoryLimitedTo =
  (limitBytes: number, bytesOf: (quantity: string | undefined) => number | undefined) =>
  (pods: readonly V1Pod[]): void => {
    if (pods.length === 0) throw new Unmet('it has no pods')
    const faults = pods.flatMap(({ metadata, spec }) => {
      const limits = (spec?.containers ?? []).map(({ name, resources }) => ({
        name,
        bytes: bytesOf(resources?.limits?.memory),
      }))
      const without = limits.filter(({ bytes }) => bytes === undefined).map(({ name }) => name)
      if (without.length > 0) return [`${metadata?.name}: no memory limit on ${without.join(', ')}`]
      const sum = limits.reduce((total, { bytes = 0 }) => total + bytes, 0)
      return sum > limitBytes ? [`${metadata?.name}: a limit of ${mebi(sum)}, more than ${mebi(limitBytes)}`] : []
    })
    if (faults.length > 0) throw new Unmet(faults.join('; '))
  }

/** Accepts pods whose every container is probed for readiness and for life, and requests processor and memory. */
export const probedAndRequested = (pods: readonly V1Pod[]): void => {
  judgeContainers(pods, ({ readinessProbe, livenessProbe, resources }) => [
    ...(readinessProbe === undefined ? ['no readiness probe'] : []),
    ...(livenessProbe === undefined ? ['no liveness probe'] : []),
    ...['cpu', 'memory'].flatMap(name => (resources?.requests?.[name] === undefined ? [`no request of ${name}`] : [])),
  ])
}

/** Accepts pods whose every image names a version that stays: a tag other than latest, or a digest. */
export const imagesPinned = (pods: readonly V1Pod[]): void => {
  judgeContainers(pods, ({ image = '' }) => {
    // A registry may have a port: only what follows the last slash can be a tag.
    const [, tag] = /:([^/@]+)$/.exec(image) ?? []
    const isPinned = image.includes('@sha256:') || (tag !== undefined && tag !== 'latest')
    return isPinned ? [] : [`the image ${image}, which names no version`]
  })
}

function judgeContainers(pods: readonly V1Pod[], faultsOf: (container: V1Container) => readonly string[]): void {
  if (pods.length === 0) throw new Unmet('it has no pods')
  const faults = pods.flatMap(({ metadata, spec }) =>
    (spec?.containers ?? []).flatMap(container =>
      faultsOf(container).map(fault => `${metadata?.name}: ${container.name} has ${fault}`),
    ),
  )
  if (faults.length > 0) throw new Unmet(faults.join('; '))
}

/** Accepts pods whose every container takes these variables from a Secret that has them. */
export const readsFromSecret =
  (names: readonly string[], keysOf: (secret: string) => readonly string[] | undefined) =>
  (pods: readonly V1Pod[]): void => {
    if (pods.length === 0) throw new Unmet('it has no pods')
    const faults = pods.flatMap(({ metadata, spec }) =>
      names.flatMap(name => {
        const sources = (spec?.containers ?? []).flatMap(({ env = [], envFrom = [] }) => [
          ...envFrom.flatMap(({ prefix = '', secretRef }) =>
            secretRef?.name !== undefined && name.startsWith(prefix)
              ? [{ secret: secretRef.name, key: name.slice(prefix.length) }]
              : [],
          ),
          ...env.flatMap(({ name: own, valueFrom }) =>
            own === name && valueFrom?.secretKeyRef !== undefined
              ? [{ secret: valueFrom.secretKeyRef.name ?? '', key: valueFrom.secretKeyRef.key }]
              : [],
          ),
        ])
        if (sources.some(({ secret, key }) => keysOf(secret)?.includes(key))) return []
        const tried = sources.map(({ secret, key }) => `${secret} has no key ${key}`)
        return [`${metadata?.name}: no Secret gives it ${name}${tried.length === 0 ? '' : ` (${tried.join('; ')})`}`]
      }),
    )
    if (faults.length > 0) throw new Unmet(faults.join('; '))
  }

function mebi(bytes: number): string {
  return `${mebibytes(bytes)}Mi`
}
