import assert from 'node:assert/strict'
import test from 'node:test'
import { quantityOf } from '../drivers/kubernetes-text.ts'
import { Unmet } from '../errors.ts'
import {
  allNodesReady,
  hasCapacity,
  hasSucceeded,
  imagesPinned,
  isBound,
  isGone,
  isScheduled,
  memoryLimitedTo,
  podsStarted,
  probedAndRequested,
  readsFromSecret,
  wroteExactly,
} from './kubernetes.ts'

const unmet = (act: () => void, says: RegExp) =>
  assert.throws(act, error => error instanceof Unmet && says.test(error.message))

test('a claim is bound only where it has a volume', () => {
  isBound({ spec: { volumeName: 'v' }, status: { phase: 'Bound' } })
  unmet(() => isBound(undefined), /no such claim/)
  unmet(() => isBound({ spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } }), /Pending.*class fast/)
  unmet(() => isBound({ status: { phase: 'Bound' } }), /is Bound, not Bound|no class/)
})

test('a claim has at least the capacity that was asked for', () => {
  const claim = (storage: string) => ({ status: { capacity: { storage } } })
  hasCapacity('32Mi', quantityOf)(claim('32Mi'))
  hasCapacity('32Mi', quantityOf)(claim('1Gi'))
  unmet(() => hasCapacity('32Mi', quantityOf)(claim('16Mi')), /^the claim has 16Mi, not 32Mi$/)
  unmet(() => hasCapacity('32Mi', quantityOf)(undefined), /no such claim/)
  const pending = {
    capacity: { storage: '16Mi' },
    conditions: [{ type: 'FileSystemResizePending', status: 'True', message: 'wait' }],
  }
  unmet(() => hasCapacity('32Mi', quantityOf)({ status: pending }), /not 32Mi; FileSystemResizePending: wait/)
})

const podOf = (container: object) => ({
  metadata: { name: 'a-0' },
  spec: { containers: [{ name: 'a', ...container }] },
})

test('containers are probed, and request what they need', () => {
  const sound = { readinessProbe: {}, livenessProbe: {}, resources: { requests: { cpu: '1', memory: '1Gi' } } }
  probedAndRequested([podOf(sound)])
  unmet(() => probedAndRequested([]), /no pods/)
  unmet(() => probedAndRequested([podOf({ ...sound, livenessProbe: undefined })]), /^a-0: a has no liveness probe$/)
  unmet(
    () => probedAndRequested([podOf({ ...sound, readinessProbe: undefined, resources: { requests: { cpu: '1' } } })]),
    /a has no readiness probe; a-0: a has no request of memory$/,
  )
})

test('images name a version that stays', () => {
  const digest = `grafana/tempo@sha256:${'a'.repeat(64)}`
  for (const image of ['grafana/tempo:2.9.0', 'registry:5000/tempo:v1', digest]) imagesPinned([podOf({ image })])
  for (const image of ['grafana/tempo', 'grafana/tempo:latest', 'registry:5000/tempo'])
    unmet(() => imagesPinned([podOf({ image })]), /names no version/)
})

test('all nodes are Ready, and there is one', () => {
  const node = (name: string, status: string) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status, message: 'told' }] },
  })
  allNodesReady([node('a', 'True')])
  unmet(() => allNodesReady([]), /no node/)
  unmet(() => allNodesReady([node('a', 'True'), node('b', 'Unknown')]), /1 of 2 .*b: Ready is Unknown \(told\)/)
})

test('pods are new ones, and run', () => {
  const pod = (uid: string, running: boolean) => ({
    metadata: { uid, name: uid },
    status: {
      containerStatuses: [
        {
          name: 'c',
          image: '',
          imageID: '',
          ready: running,
          restartCount: 0,
          state: running ? { running: {} } : { waiting: { reason: 'ErrImagePull' } },
        },
      ],
    },
  })
  podsStarted(['old'])([pod('old', true), pod('new', true)])
  unmet(() => podsStarted(['old'])([pod('old', true)]), /no new pod/)
  unmet(() => podsStarted(['old'])([pod('new', false)]), /c \(ErrImagePull\)/)
  unmet(() => podsStarted([])([{ metadata: { name: 'p' }, status: { phase: 'Pending' } }]), /without a container/)
})

test('a pod has a node, or what the scheduler says', () => {
  isScheduled({ spec: { containers: [], nodeName: 'n' } })
  const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }]
  unmet(() => isScheduled({ status: { conditions } }), /0\/1 nodes/)
  unmet(() => isScheduled(undefined), /no such pod/)
})

test('a script ended well, or it is told how it did', () => {
  hasSucceeded({ status: { phase: 'Succeeded' } })
  unmet(() => hasSucceeded({ status: { phase: 'Pending' } }), /is Pending/)
  unmet(() => hasSucceeded(undefined), /no such pod/)
})

test('what was written is all there is', () => {
  wroteExactly('abc')('abc\n')
  unmet(() => wroteExactly('abc')('abcd'), /"abcd", expected "abc"/)
  unmet(() => wroteExactly('abc')(''), /""/)
  isGone('it')(undefined)
  unmet(() => isGone('the claim')({}), /the claim is still there/)
})

const limited = (...limits: (string | undefined)[]) => ({
  metadata: { name: 'p' },
  spec: {
    containers: limits.map((memory, index) => ({
      name: `c${index}`,
      resources: memory === undefined ? {} : { limits: { memory } },
    })),
  },
})

test('every container has a limit, and together they are no more', () => {
  const expect = memoryLimitedTo(2 ** 30, quantityOf)
  expect([limited('1Gi'), limited('512Mi', '512Mi')])
  unmet(() => expect([]), /no pods/)
  unmet(() => expect([limited('512Mi', undefined)]), /p: no memory limit on c1/)
  unmet(() => expect([limited('1025Mi')]), /1025Mi, more than 1024Mi/)
  unmet(() => expect([limited('512Mi', '513Mi')]), /1025Mi/)
})

test('a variable comes from a key that its Secret has', () => {
  const keys = (name: string) => (name === 's' ? ['KEY'] : undefined)
  const pod = (container: object) => [{ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', ...container }] } }]
  const expect = readsFromSecret(['KEY'], keys)
  expect(pod({ envFrom: [{ secretRef: { name: 's' } }] }))
  expect(pod({ env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'KEY' } } }] }))
  unmet(() => expect(pod({ env: [{ name: 'KEY', value: 'plain' }] })), /no Secret gives it KEY$/)
  unmet(() => expect(pod({ envFrom: [{ secretRef: { name: 'other' } }] })), /other has no key KEY/)
  unmet(() => readsFromSecret(['NO'], keys)(pod({ envFrom: [{ secretRef: { name: 's' } }] })), /s has no key NO/)
  unmet(() => expect([]), /no pods/)
})
