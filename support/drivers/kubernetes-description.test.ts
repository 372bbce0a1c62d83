import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CoreV1Event, V1ContainerState, V1Pod } from '@kubernetes/client-node'
import { describePod, describePods } from './kubernetes-description.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 5, minute))

function pod(ended: V1ContainerState['terminated']): V1Pod {
  return {
    metadata: { name: 'tempo-0' },
    spec: { nodeName: 'one', containers: [{ name: 'tempo', resources: { limits: { memory: '1Gi' } } }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'not yet' }],
      containerStatuses: [
        {
          name: 'tempo',
          image: 'grafana/tempo:1',
          imageID: '',
          ready: false,
          restartCount: 1,
          state: { running: { startedAt: at(3) } },
          lastState: ended === undefined ? {} : { terminated: ended },
        },
      ],
    },
  }
}

const event = (name: string, minute: number, reason: string, count = 1): CoreV1Event => ({
  metadata: {},
  involvedObject: { kind: 'Pod', name },
  type: 'Warning',
  reason,
  message: `${reason} it was`,
  count,
  lastTimestamp: at(minute),
})

test('what the kernel ended for its memory is told apart from what ended by itself', () => {
  assert.equal(
    describePod(pod({ exitCode: 137, reason: 'OOMKilled' })),
    'tempo-0: running, not ready, 1 restarts, last ended OOMKilled (exit code 137)',
  )
  assert.match(describePod(pod({ exitCode: 2, reason: 'Error' })), /last ended Error \(exit code 2\)$/)
})

test('what a node threw out says so', () => {
  const status = { phase: 'Failed', reason: 'Evicted' }
  assert.equal(describePod({ metadata: { name: 'tempo-0' }, status }), 'tempo-0: evicted')
})

test('a pod is told with its conditions, its containers and its own events, the oldest first', () => {
  const events = [event('tempo-0', 9, 'BackOff', 4), event('mimir-0', 8, 'Other'), event('tempo-0', 7, 'Unhealthy')]
  assert.deepEqual(describePods([pod({ exitCode: 137, reason: 'OOMKilled', finishedAt: at(2) })], events).split('\n'), [
    'tempo-0: running, not ready, 1 restarts, last ended OOMKilled (exit code 137)',
    '  node one, address 10.0.0.7',
    '  Ready False: ContainersNotReady: not yet',
    '  container tempo, grafana/tempo:1, 1 restarts, memory 1Gi',
    '    now running since 2026-11-21T05:03:00.000Z',
    '    before ended: OOMKilled (exit code 137), 2026-11-21T05:02:00.000Z',
    '  2026-11-21T05:07:00.000Z Warning Unhealthy: Unhealthy it was',
    '  2026-11-21T05:09:00.000Z Warning BackOff: BackOff it was (4 times)',
  ])
  assert.equal(describePods([], []), 'no pods')
})
