import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { run } from '../cluster/host.ts'
import { adminKubeconfig } from '../cluster/kubectl.ts'
import { readRecord } from '../cluster/record.ts'
import type { TargetFileInput } from '../target/schema.ts'
import type { Ended } from './command.ts'
import { printed } from './run-report.ts'
import { TestCluster } from './test-cluster.ts'

let cluster: TestCluster

/** As who may do everything. */
const control = async (...given: string[]): Promise<string> => await cluster.control(...given)

before(async () => {
  cluster = await TestCluster.start(['tempo', 'mimir'])
})
after(async () => {
  await cluster?.[Symbol.asyncDispose]()
})

const accept = (options: readonly string[], targetFile = cluster.deployment.targetFile): Promise<Ended> =>
  cluster.surroundings.accept(['--target', targetFile, ...options], cluster.deployment.environment).ended

let changes = 0

/** A target file that is the deployment's but for what is changed. */
function changed(change: (target: TargetFileInput) => void): string {
  const target = parse(readFileSync(cluster.deployment.targetFile, 'utf8')) as TargetFileInput
  change(target)
  changes += 1
  const file = join(cluster.surroundings.folder, `changed-${changes}.yaml`)
  writeFileSync(file, stringify(target))
  return file
}

const firstCluster = (target: TargetFileInput) => Object.values(target.clusters ?? {})[0] ?? {}

const requirement = (...ids: string[]): string[] => ids.flatMap(id => ['--requirement', id])

/** Puts a workload as it was: a pod that never became ready is not replaced by itself, so it is deleted. */
async function repair(name: 'tempo' | 'mimir'): Promise<void> {
  await control('apply', '--server-side', '--force-conflicts', '--kustomize', `fixtures/cluster/lab/${name}`)
  await control(monitoring, 'delete', 'pod', `${name}-0`, '--grace-period=1')
  await cluster.redeploy()
}

const monitoring = '--namespace=monitoring'

/** A JSON patch of a StatefulSet; `onDelete` leaves the pods that run as they are. */
async function patch(name: string, changes: object[], { onDelete = false } = {}): Promise<void> {
  const first = onDelete ? [{ op: 'replace', path: '/spec/updateStrategy', value: { type: 'OnDelete' } }] : []
  const all = JSON.stringify([...first, ...changes])
  await control(monitoring, 'patch', 'statefulset', name, '--type=json', `--patch=${all}`)
  if (!onDelete) await control(monitoring, 'rollout', 'status', `statefulset/${name}`, '--timeout=60s')
}

const container = '/spec/template/spec/containers/0'

describe('what a sound cluster promises', () => {
  it('is satisfied, all of it, and nothing is left of the scenarios', async () => {
    const ended = await accept(['--tags', '@kubernetes'])
    assert.equal(ended.code, 0, printed(ended))
    assert.match(ended.stdout, /^(\d+) requirements: \1 satisfied$/m)
    assert.doesNotMatch(ended.stdout, /not applicable/)
    for (let attempt = 0; attempt < 60; attempt++) {
      const left = await control('get', 'namespaces', '--selector=acceptance.observability/run', '--output=name')
      if (left === '') return
      await pause(500)
    }
    assert.fail('namespaces of scenarios are still there')
  })

  it('is satisfied by a default class that waits for a consumer, too', async () => {
    const isDefault = (value: 'true' | 'false') => `storageclass.kubernetes.io/is-default-class=${value}`
    const setDefault = async (name: string, value: 'true' | 'false') =>
      await control('annotate', '--overwrite', 'storageclass', name, isDefault(value))
    await setDefault('standard', 'false')
    await setDefault('standard-on-demand', 'true')
    try {
      const ended = await accept(requirement('suite.kubernetes.1', 'suite.kubernetes.2', 'suite.kubernetes.3'))
      assert.equal(ended.code, 0, printed(ended))
      assert.doesNotMatch(ended.stdout, /not applicable/)
    } finally {
      await setDefault('standard-on-demand', 'false')
      await setDefault('standard', 'true')
    }
  })

  it('is kept by traces that wait for the bucket while their pod is deleted', async () => {
    const running = cluster.surroundings.accept(
      ['--target', cluster.deployment.targetFile, ...requirement('tempo-mimir.005.2')],
      cluster.deployment.environment,
    )
    await running.prints(/^run \S+ on cluster/m)
    await pause(3_000)
    await control(monitoring, 'delete', 'pod', 'tempo-0', '--wait=false')
    const ended = await running.ended
    assert.equal(ended.code, 0, printed(ended))
    assert.match(ended.stdout, /^satisfied +tempo-mimir\.005\.2 /m)
  })
})

describe('what the suite needs to be allowed', () => {
  const grants = ['.', 'scratch', 'disruption']
  const folder = (name: string) => join('fixtures/cluster/access', name)
  let asAccount: string

  before(async () => {
    asAccount = changed(target => {
      Object.assign(firstCluster(target), { impersonate: 'system:serviceaccount:monitoring:acceptance' })
    })
    await control('apply', '--server-side', '--kustomize', folder('.'))
  })
  after(async () => {
    for (const name of grants) await control('delete', '--ignore-not-found', '--kustomize', folder(name))
  })

  it('is enough to look at systems, and no more than that', async () => {
    const looks = requirement('tempo-mimir.003.5', 'tempo-mimir.002.3', 'tempo-mimir.006.1', 'tempo-mimir.004.3')
    const ended = await accept(looks, asAccount)
    assert.equal(ended.code, 0, printed(ended))
    const disturbs = await accept(requirement('tempo-mimir.004.2'), asAccount)
    assert.equal(disturbs.code, 3, printed(disturbs))
    assert.match(disturbs.stdout, /403 pods "tempo-0" is forbidden/)
  })

  it('is enough for all of it with what is granted beside', async () => {
    for (const name of grants) await control('apply', '--server-side', '--kustomize', folder(name))
    const ended = await accept(['--tags', '@kubernetes'], asAccount)
    assert.equal(ended.code, 0, printed(ended))
    assert.match(ended.stdout, /^(\d+) requirements: \1 satisfied$/m)
  })
})

it('what runs left in a cluster is listed, and removed when that is asked for; what is not labelled stays', async () => {
  const label = 'acceptance.observability/run=20260101-000000-dead'
  await control('create', 'namespace', 'left-behind')
  await control('label', 'namespace', 'left-behind', label)
  await control('create', 'namespace', 'somebody-elses')
  const sweep = (...more: string[]) =>
    cluster.surroundings.run(
      () => [process.execPath, 'support/cli/sweep.ts', '--target', cluster.deployment.targetFile, ...more],
      cluster.deployment.environment,
    ).ended
  const young = await sweep()
  assert.match(young.stdout, /nothing is left of earlier runs/, printed(young))
  const listed = await sweep('--older-than', '1ms')
  assert.match(listed.stdout, /^found: namespace left-behind of cluster lab, left by run 20260101-000000-dead/m)
  assert.doesNotMatch(listed.stdout, /somebody-elses/)
  await control('get', 'namespace', 'left-behind')
  const removed = await sweep('--older-than', '1ms', '--yes')
  assert.equal(removed.code, 0, printed(removed))
  assert.match(removed.stdout, /^removed: namespace left-behind /m)
  await control('wait', '--for=delete', 'namespace/left-behind', '--timeout=60s')
  await control('get', 'namespace', 'somebody-elses')
  await control('delete', 'namespace', 'somebody-elses')
})

describe('the doctor', () => {
  const doctor = (file: string) =>
    cluster.surroundings.run(
      () => [process.execPath, 'support/cli/doctor.ts', '--target', file],
      cluster.deployment.environment,
    ).ended

  it('finds a sound target well, in seconds', async () => {
    const ended = await doctor(cluster.deployment.targetFile)
    assert.equal(ended.code, 0, printed(ended))
    assert.match(ended.stdout, /^well +cluster lab +rights of fixtures\/cluster\/access\/disruption, 1 of them$/m)
    assert.match(ended.stdout, /^well +tempo +answers, version /m)
    assert.match(ended.stdout, /^all is well$/m)
    assert.ok(ended.elapsedMs < 20_000, `${ended.elapsedMs} ms`)
  })

  it('tells which rights are missing, and what grants them', async () => {
    const ended = await doctor(
      changed(target => {
        Object.assign(firstCluster(target), { impersonate: 'system:serviceaccount:monitoring:default' })
      }),
    )
    assert.equal(ended.code, 3, printed(ended))
    assert.match(ended.stdout, /it may not .*delete pods in monitoring/)
    assert.match(ended.stdout, /kubectl apply --kustomize fixtures\/cluster\/access\/scratch/)
  })

  it('tells of a Service that is not there, and of a bucket', async () => {
    const ended = await doctor(
      changed(({ systems }) => {
        Object.assign(systems.tempo ?? {}, { bucket: 'no-such-bucket' })
        Object.assign(systems.mimir ?? {}, { http: 'service/mimir:8080' })
      }),
    )
    assert.equal(ended.code, 3, printed(ended))
    assert.match(ended.stdout, /get Service monitoring\/mimir: there is no such Service/)
  })
})

interface Kubeconfig {
  clusters: { cluster: { server: string } }[]
}

interface Broken {
  readonly what: string
  readonly ids: readonly string[]
  readonly breaks: () => Promise<unknown>
  readonly repairs: () => Promise<unknown>
  readonly says: RegExp
  /** What the report holds besides. */
  readonly attaches?: RegExp
  /** Where the deadline is minutes. */
  readonly scale?: string
}

const storageClass = (provisioner: string) =>
  JSON.stringify({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner,
    reclaimPolicy: 'Delete',
  })
const replace = async (manifest: string) =>
  await cluster.control.withInput(manifest, 'replace', '--force', '--filename=-')

const system = '--namespace=kube-system'

async function stopDns(): Promise<void> {
  await control(system, 'scale', 'deployment/coredns', '--replicas=0')
  await control(system, 'wait', '--for=delete', 'pod', '--selector=k8s-app=kube-dns', '--timeout=60s')
}

async function startDns(): Promise<void> {
  await control(system, 'scale', 'deployment/coredns', '--replicas=1')
  await control(system, 'rollout', 'status', 'deployment/coredns', '--timeout=60s')
}

const image = { op: 'replace', path: `${container}/image`, value: 'nowhere/none:none' }
const unknownOption = { op: 'add', path: `${container}/args/-`, value: '-no-such-option' }
const probe = { op: 'replace', path: `${container}/readinessProbe/httpGet/path`, value: '/never' }

let ended = true
let repeating: Promise<void> = Promise.resolve()

/** Does something again and again while scenarios run. */
function again(act: () => Promise<void>): void {
  ended = false
  repeating = (async () => {
    // Longer than any of these runs.
    for (let turn = 0; turn < 600 && !ended; turn += 1) {
      await act()
      await pause(50)
    }
  })()
}

async function stopAgain(): Promise<void> {
  ended = true
  await repeating
}

/** Runs a command where the node's mounts are. */
async function onNode(script: string): Promise<string> {
  const keeper = readRecord(cluster.place.record)?.keeper?.pid ?? 0
  const first = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim()
  return await run('nsenter', '--target', first, '--mount', 'sh', '-c', script)
}

const policy = 'volumes-stay'
const probeVolume = 'probe'

/** From now on the API server refuses whoever wants to delete a volume. */
async function keepVolumes(): Promise<void> {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['persistentvolumes'] }
  const objects = [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: policy },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'false', message: 'volumes stay' }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: policy },
      spec: { policyName: policy, validationActions: ['Deny'] },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: probeVolume },
      spec: { capacity: { storage: '1Mi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/nowhere' } },
    },
  ]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  await cluster.control.withInput(list, 'create', '--filename=-')
  // A policy is in force a moment after it was made.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const said = await control('delete', 'persistentvolume', probeVolume, '--dry-run=server').catch(String)
    if (said.includes('volumes stay')) return
    await pause(100)
  }
  throw new Error('the policy did not come into force')
}

async function letVolumesGo(): Promise<void> {
  for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
    await control('delete', kind, policy)
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const said = await control('delete', 'persistentvolume', probeVolume, '--ignore-not-found').catch(String)
    if (!said.includes('volumes stay')) return
    await pause(100)
  }
  throw new Error('the policy did not go')
}

const broken: readonly Broken[] = [
  {
    what: 'a limit that is missing',
    ids: ['tempo-mimir.003.5'],
    breaks: () => patch('tempo', [{ op: 'remove', path: `${container}/resources/limits` }]),
    repairs: () => cluster.redeploy(),
    says: /tempo-0: no memory limit on tempo/,
  },
  {
    what: 'a limit that is almost right',
    ids: ['tempo-mimir.010.5'],
    breaks: () => patch('mimir', [{ op: 'replace', path: `${container}/resources/limits/memory`, value: '1537Mi' }]),
    repairs: () => cluster.redeploy(),
    says: /mimir-0: a limit of 1537Mi, more than 1536Mi/,
  },
  {
    what: 'a replica too many',
    ids: ['tempo-mimir.003.3'],
    breaks: () => control(monitoring, 'scale', 'statefulset/tempo', '--replicas=2'),
    repairs: async () => {
      await cluster.redeploy()
      await control(monitoring, 'wait', '--for=delete', 'pod/tempo-1', '--timeout=60s')
    },
    says: /is set to 2 replicas/,
  },
  {
    what: 'a replica too many of the other system',
    ids: ['tempo-mimir.010.3'],
    breaks: () => control(monitoring, 'scale', 'statefulset/mimir', '--replicas=2'),
    repairs: async () => {
      await cluster.redeploy()
      await control(monitoring, 'wait', '--for=delete', 'pod/mimir-1', '--timeout=60s')
    },
    says: /is set to 2 replicas/,
  },
  {
    what: 'a key that is gone from a Secret',
    ids: ['tempo-mimir.002.3'],
    breaks: () =>
      control(
        monitoring,
        ...['patch', 'secret', 'tempo-s3-secret', '--type=json'],
        '--patch=[{"op": "remove", "path": "/data/S3_SECRET_ACCESS_KEY"}]',
      ),
    repairs: () => cluster.redeploy(),
    says: /no Secret gives it S3_SECRET_ACCESS_KEY \(tempo-s3-secret has no key S3_SECRET_ACCESS_KEY\)/,
  },
  {
    what: 'a key that is gone from the other Secret',
    ids: ['tempo-mimir.009.3'],
    breaks: () =>
      control(
        monitoring,
        ...['patch', 'secret', 'mimir-s3-secret', '--type=json'],
        '--patch=[{"op": "remove", "path": "/data/S3_ACCESS_KEY_ID"}]',
      ),
    repairs: () => cluster.redeploy(),
    says: /no Secret gives it S3_ACCESS_KEY_ID \(mimir-s3-secret has no key S3_ACCESS_KEY_ID\)/,
  },
  {
    what: 'a pod whose image cannot be had',
    ids: ['tempo-mimir.003.6'],
    breaks: () => patch('tempo', [image], { onDelete: true }),
    repairs: () => repair('tempo'),
    says: /tempo-0: not running: tempo \(ErrImageNeverPull\)/,
    scale: '0.05',
  },
  {
    what: 'a pod that is never ready',
    ids: ['tempo-mimir.004.2', 'tempo-mimir.003.6'],
    breaks: () => patch('tempo', [probe], { onDelete: true }),
    repairs: () => repair('tempo'),
    says: /0 of 1 ready; tempo-0: running, not ready/,
    scale: '0.05',
  },
  {
    what: 'a pod that ends again and again',
    ids: ['tempo-mimir.004.2', 'tempo-mimir.003.6'],
    breaks: () => patch('tempo', [unknownOption], { onDelete: true }),
    repairs: () => repair('tempo'),
    says: /0 of 1 ready; tempo-0: .*last ended Error \(exit code [12]\)/,
    attaches: /before ended: Error \(exit code [12]\)[\s\S]* (BackOff|Started): /,
    scale: '0.1',
  },
  {
    what: 'a Service that leads to no port',
    ids: ['tempo-mimir.004.6'],
    breaks: () =>
      control(
        monitoring,
        ...['patch', 'service', 'tempo', '--type=json'],
        '--patch=[{"op": "replace", "path": "/spec/ports/1/targetPort", "value": 4444}]',
      ),
    repairs: () => cluster.redeploy(),
    says: /the pod is Failed, exit code [1-9]/,
    scale: '0.2',
  },
  {
    // Where its port led nowhere, the suite could not reach it through the Service either, and would say so before it begins.
    what: 'a Service whose name pods cannot resolve',
    ids: ['tempo-mimir.011.6'],
    breaks: stopDns,
    repairs: startDns,
    says: /the pod is Failed, exit code [1-9]/,
    scale: '0.2',
  },
  {
    what: 'a pod of the other system whose image cannot be had',
    ids: ['tempo-mimir.010.7'],
    breaks: () => patch('mimir', [image], { onDelete: true }),
    repairs: () => repair('mimir'),
    says: /mimir-0: not running: mimir \(ErrImageNeverPull\)/,
    scale: '0.05',
  },
  {
    what: 'a pod of the other system that is never ready',
    ids: ['tempo-mimir.011.2'],
    breaks: () => patch('mimir', [probe], { onDelete: true }),
    repairs: () => repair('mimir'),
    says: /0 of 1 ready; mimir-0: running, not ready/,
    scale: '0.05',
  },
  {
    what: 'a node that nothing runs',
    ids: ['thanos.T015.1'],
    breaks: () =>
      cluster.control.withInput(
        JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'ghost' } }),
        'create',
        '--filename=-',
      ),
    repairs: () => control('delete', 'node', 'ghost'),
    says: /1 of 2 nodes are not Ready: ghost: Ready is (not told|Unknown)/,
  },
  {
    what: 'a volume that loses what was written to it',
    ids: ['suite.kubernetes.2'],
    breaks: async () => again(async () => void (await onNode('rm -f /tmp/hostpath_pv/*/bytes'))),
    repairs: async () => stopAgain(),
    says: /it reads "cat: can't open '\/data\/bytes'/,
    scale: '0.2',
  },
  {
    what: 'a volume that stays',
    ids: ['suite.kubernetes.3'],
    breaks: keepVolumes,
    repairs: letVolumesGo,
    says: /volume pvc-\S+ is still there/,
    scale: '0.1',
  },
  {
    what: 'a claim that never binds',
    ids: ['suite.kubernetes.1'],
    breaks: () => replace(storageClass('example.com/nobody')),
    repairs: () => replace(storageClass('kubernetes.io/host-path')),
    says: /the claim is Pending, not Bound \(class standard\)/,
    scale: '0.1',
  },
  {
    what: 'a right too much',
    ids: ['suite.kubernetes.5'],
    breaks: () =>
      control('create', 'clusterrolebinding', 'too-much', '--clusterrole=admin', '--group=system:serviceaccounts'),
    repairs: () => control('delete', 'clusterrolebinding', 'too-much'),
    says: /the review says that it may list secrets/,
    scale: '0.1',
  },
  {
    what: 'a DNS server that is gone',
    ids: ['suite.kubernetes.6'],
    breaks: stopDns,
    repairs: startDns,
    says: /it reads ""/,
    scale: '0.2',
  },
  {
    what: 'a node that takes no pods',
    ids: ['thanos.T016.1'],
    breaks: () => control('cordon', 'acceptance'),
    repairs: () => control('uncordon', 'acceptance'),
    says: /the pod has no node: 0\/1 nodes are available/,
    scale: '0.1',
  },
]

/** The texts that the report holds of failing scenarios. */
function attachments({ reports }: Ended): string {
  const folder = join(reports, 'allure-results')
  const texts = readdirSync(folder).filter(name => name.endsWith('.txt'))
  return texts.map(name => readFileSync(join(folder, name), 'utf8')).join('\n')
}

describe('what is broken in a cluster turns its requirement red', () => {
  for (const { what, ids, breaks, repairs, says, attaches, scale = '1' } of broken) {
    it(what, async () => {
      const [id = '', ...green] = ids
      await breaks()
      try {
        const ended = await accept([...requirement(id), '--deadline-scale', scale])
        assert.equal(ended.code, 1, printed(ended))
        assert.match(ended.stdout, new RegExp(`^violated +${id.replaceAll('.', '\\.')} `, 'm'))
        assert.match(ended.stdout, says)
        if (attaches !== undefined) assert.match(attachments(ended), attaches)
      } finally {
        await repairs()
      }
      const after = await accept(requirement(id, ...green))
      assert.equal(after.code, 0, printed(after))
    })
  }
})

describe('a cluster that cannot be used is told of in seconds, without a stack', () => {
  const cases: readonly [what: string, change: (target: TargetFileInput) => void, code: number, says: RegExp][] = [
    [
      'no kubeconfig',
      target => Object.assign(firstCluster(target), { kubeconfig: 'nowhere' }),
      3,
      /the kubeconfig \S*nowhere cannot be used: ENOENT/,
    ],
    [
      'a wrong context',
      target => Object.assign(firstCluster(target), { context: 'home' }),
      3,
      /there is no context home; there are acceptance/,
    ],
    [
      'credentials that may do nothing',
      target => Object.assign(firstCluster(target), { impersonate: 'nobody' }),
      3,
      /403 .*User "nobody" cannot get resource "services"/,
    ],
    [
      'a namespace that is not there',
      target => Object.assign(firstCluster(target), { namespace: 'elsewhere' }),
      3,
      /get Service elsewhere\/\w+.*: there is no such Service/,
    ],
    [
      'a cluster that the target does not have',
      target => Object.assign(target.systems.kubernetes ?? {}, { cluster: 'edge' }),
      2,
      /systems\.kubernetes\.cluster: there is no cluster edge; under clusters there are lab/,
    ],
  ]
  it('an API server that never answers', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const kubeconfig = join(cluster.surroundings.folder, 'silent.kubeconfig')
    const own = JSON.parse(readFileSync(adminKubeconfig(cluster.place), 'utf8')) as Kubeconfig
    for (const { cluster: each } of own.clusters) each.server = `https://127.0.0.1:${port}`
    writeFileSync(kubeconfig, JSON.stringify(own))
    const ended = await accept(
      ['--tags', '@kubernetes'],
      changed(target => Object.assign(firstCluster(target), { kubeconfig })),
    )
    silent.close()
    assert.equal(ended.code, 3, printed(ended))
    assert.match(ended.stderr, /get Service monitoring\/tempo: no answer in time/)
    assert.doesNotMatch(ended.stderr, /^ +at /m)
    assert.ok(ended.elapsedMs < 30_000, `${ended.elapsedMs} ms`)
  })
  for (const [what, change, code, says] of cases) {
    it(what, async () => {
      const ended = await accept(['--tags', '@kubernetes'], changed(change))
      assert.equal(ended.code, code, printed(ended))
      assert.match(ended.stderr, says)
      assert.doesNotMatch(ended.stderr, /^ +at /m)
      assert.ok(ended.elapsedMs < 15_000, `${ended.elapsedMs} ms`)
    })
  }
})
