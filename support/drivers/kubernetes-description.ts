import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'

/** Whether it has been told to end. */
export function isLeaving({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp !== undefined
}

/** `tempo-0: running, not ready, 2 restarts, last ended OOMKilled`. */
export function describePod(pod: V1Pod): string {
  const states = (pod.status?.containerStatuses ?? []).map(({ ready, restartCount, state, lastState }) => {
    const waiting = state?.waiting?.reason
    const ended = lastState?.terminated
    const how = ended === undefined ? '' : `, last ended ${ended.reason ?? ''} (exit code ${ended.exitCode})`
    const now = waiting ?? (ready ? 'ready' : 'not ready')
    return `${now}${restartCount === 0 ? '' : `, ${restartCount} restarts`}${how}`
  })
  const phase = isLeaving(pod) ? 'leaving' : (pod.status?.reason ?? pod.status?.phase ?? 'unknown').toLowerCase()
  return `${pod.metadata?.name}: ${[phase, ...states].join(', ')}`
}

/** All that is known of pods and of what happened to them, for people; the oldest event first. */
export function describePods(pods: readonly V1Pod[], events: readonly CoreV1Event[]): string {
  const parts = pods.map(pod => {
    const name = pod.metadata?.name ?? ''
    const own = events
      .filter(({ involvedObject }) => involvedObject.name === name)
      .sort((left, right) => timeOf(left).getTime() - timeOf(right).getTime())
    return [
      describePod(pod),
      `  node ${pod.spec?.nodeName ?? 'none'}, address ${pod.status?.podIP ?? 'none'}`,
      ...(pod.status?.conditions ?? []).map(
        ({ type, status, reason, message }) => `  ${[`${type} ${status}`, reason, message].filter(Boolean).join(': ')}`,
      ),
      ...(pod.status?.containerStatuses ?? []).flatMap(status => describeContainer(status, pod)),
      ...own.map(event => {
        const times = event.count === undefined || event.count === 1 ? '' : ` (${event.count} times)`
        return `  ${timeOf(event).toISOString()} ${event.type} ${event.reason}: ${event.message}${times}`
      }),
    ].join('\n')
  })
  return parts.join('\n\n') || 'no pods'
}

function describeContainer(status: V1ContainerStatus, { spec }: V1Pod): string[] {
  const { name, image, state, lastState, restartCount } = status
  const limits = spec?.containers.find(each => each.name === name)?.resources?.limits ?? {}
  const limited = Object.entries(limits).map(([resource, limit]) => `${resource} ${limit}`)
  const first = [`container ${name}`, image, `${restartCount} restarts`, ...limited].join(', ')
  return [`  ${first}`, ...describeState('now', state), ...describeState('before', lastState)]
}

function describeState(when: string, state: V1ContainerStatus['state']): string[] {
  const { running, waiting, terminated } = state ?? {}
  if (running !== undefined) return [`    ${when} running since ${running.startedAt?.toISOString() ?? 'unknown'}`]
  if (waiting !== undefined)
    return [`    ${when} waiting: ${[waiting.reason, waiting.message].filter(Boolean).join(': ')}`]
  if (terminated === undefined) return []
  const { reason, exitCode, finishedAt, message } = terminated
  const why = [`${reason ?? 'ended'} (exit code ${exitCode})`, finishedAt?.toISOString(), message]
  return [`    ${when} ended: ${why.filter(Boolean).join(', ')}`]
}

/** When an event was seen last; who tells events in series tells their time elsewhere. */
function timeOf({ lastTimestamp, eventTime, firstTimestamp }: CoreV1Event): Date {
  return lastTimestamp ?? (eventTime instanceof Date ? eventTime : undefined) ?? firstTimestamp ?? new Date(0)
}
