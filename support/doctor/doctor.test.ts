import assert from 'node:assert/strict'
import test from 'node:test'
import type { TempoConfiguration } from '../drivers/tempo-configuration.ts'
import type { UsedService } from '../target/service-address.ts'
import type { Target } from '../target/target.ts'
import { renderFindings } from './finding.ts'
import { impossibleForTempo } from './impossible.ts'
import { describeRight, rightsNeeded } from './rights.ts'

const minute = 60_000

test('settings that leave no time for a deadline are told, with both figures', () => {
  const sound = { traceIdlePeriodMs: 10_000, maxBlockDurationMs: 5 * minute, compactionCycleMs: 30_000 }
  const findings = (changes: Partial<TempoConfiguration>) =>
    impossibleForTempo({ ...sound, ...changes } as TempoConfiguration).filter(({ problem }) => problem !== undefined)
  assert.deepEqual(findings({}), [])
  const [late, ...others] = findings({ maxBlockDurationMs: 10 * minute })
  assert.deepEqual(others, [])
  assert.match(late?.what ?? '', /tempo-mimir\.005\.2/)
  assert.match(late?.problem ?? '', /max_block_duration make it 10 min$/)
  assert.match(late?.advice ?? '', /less than 10 min/)
  assert.equal(findings({ compactionCycleMs: 120 * minute }).length, 1)
})

const cluster = { name: 'central', namespace: 'monitoring' }
const target = (systems: object, disruption: string[] = []): Pick<Target, 'systems' | 'clusters' | 'allow'> => ({
  systems: systems as Target['systems'],
  clusters: [cluster, { name: 'edge', namespace: 'edge' }],
  allow: { disruption },
})
const tempo = { workload: { kind: 'StatefulSet', namespace: 'traces', name: 'tempo' } }
const written = (...given: Parameters<typeof rightsNeeded>) => rightsNeeded(...given).map(describeRight)

test('a target needs the rights of what it names, and of what it allows', () => {
  assert.deepEqual(written(target({}), []), [])
  assert.deepEqual(written(target({ tempo }), []), [
    'list pods in traces',
    'get pods/log in traces',
    'list events in traces',
    'list secrets in traces',
    'get statefulsets in traces',
  ])
  assert.ok(written(target({ tempo }, ['traces']), []).includes('delete pods in traces'))
  assert.ok(!written(target({ tempo }, ['elsewhere']), []).includes('delete pods in traces'))
  const service: UsedService = {
    name: 'tempo',
    namespace: 'traces',
    port: 3200,
    secure: false,
    cluster: 'edge',
    owner: 'tempo',
  }
  const services = rightsNeeded(target({}), [service, { ...service, port: 4317 }])
  assert.deepEqual(services.map(describeRight), [
    'get services in traces',
    'list endpointslices in traces',
    'get pods/portforward in traces',
  ])
  assert.ok(services.every(right => right.cluster === 'edge' && right.grantedBy === 'access'))
  const scratch = rightsNeeded(target({ kubernetes: { cluster } }), [])
  assert.ok(scratch.map(describeRight).includes('create namespaces'))
  assert.ok(scratch.every(right => right.grantedBy === 'access/scratch'))
})

test('a lab needs no rights in any cluster', () => {
  const process = { workload: { kind: 'LabProcess', socket: '/s', name: 'tempo' } }
  assert.deepEqual(written(target({ tempo: process }, ['lab']), []), [])
})

test('what is well takes a line; a problem has what to do below it', () => {
  const text = renderFindings([
    { about: 'tempo', what: 'answers' },
    { about: 'object storage', what: 'can be read', problem: 'access denied', advice: 'allow it' },
  ])
  assert.equal(
    text,
    [
      'well     tempo           answers',
      'PROBLEM  object storage  can be read',
      '                         access denied',
      '                         do: allow it',
    ].join('\n'),
  )
})
