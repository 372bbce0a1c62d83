import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { ClusterFaults } from '../cluster/cluster-faults.ts'
import { adminKubeconfig } from '../cluster/kubectl.ts'
import { loadFaults } from '../faults/load.ts'
import { loadRegistry } from '../requirements/registry.ts'
import type { TargetFileInput } from '../target/schema.ts'
import type { Ended } from './command.ts'
import { printed } from './run-report.ts'
import { TestCluster } from './test-cluster.ts'
import { until } from './until.ts'

let cluster: TestCluster

/** As who may do everything. */
const control = async (...given: string[]): Promise<string> => await cluster.control(...given)

before(async () => {
  cluster = await TestCluster.start(['tempo', 'mimir', 'prometheus'])
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

const monitoring = '--namespace=monitoring'

/** All but the one that the class of the lab's volumes does not offer. */
function assertAllSatisfied({ stdout }: Ended): void {
  const [, all, satisfied] = /^(\d+) requirements: (\d+) satisfied, 1 not applicable$/m.exec(stdout) ?? []
  assert.equal(Number(satisfied), Number(all) - 1, stdout)
  assert.match(stdout, /^not applicable +suite\.kubernetes\.7 /m)
}

describe('what a sound cluster promises', () => {
  it('is satisfied, all of it, and nothing is left of the scenarios', async () => {
    const ended = await accept(['--tags', '@kubernetes'])
    assert.equal(ended.code, 0, printed(ended))
    assertAllSatisfied(ended)
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

describe('a Prometheus that cannot reach the suite', () => {
  const exposed = async () =>
    await control('get', '--raw', '/api/v1/namespaces/monitoring/services/acceptance-targets:http/proxy/targets')

  it('scrapes what scenarios leave for it in the cluster, and nothing of it is left', async () => {
    const ended = await accept(['--tags', '@prometheus and not @disruptive'])
    assert.equal(ended.code, 0, printed(ended))
    assert.match(ended.stdout, /^satisfied +tempo-mimir\.017\.6 /m)
    assert.doesNotMatch(ended.stdout, /not applicable/)
    assert.equal(await exposed(), '[]')
  })

  it('is relieved by sweep of what a killed run left for it', async () => {
    const { targetFile, environment } = cluster.deployment
    const killed = cluster.surroundings.accept(
      ['--target', targetFile, ...requirement('tempo-mimir.017.8')],
      environment,
    )
    await until('a target is exposed', 30_000, async () => (await exposed()) !== '[]')
    killed.signal('SIGKILL')
    await killed.ended
    assert.notEqual(await exposed(), '[]', 'nobody was there to withdraw it')
    const sweep = await cluster.surroundings.sweep(environment).ended
    assert.equal(sweep.code, 0, printed(sweep))
    assert.match(
      sweep.stdout,
      /^undone: remove-scrape-target \S+ from acceptance-targets\.monitoring\.svc:9464, left by/m,
    )
    assert.equal(await exposed(), '[]')
  })

  it('is found to write elsewhere than it should', async () => {
    const targetFile = changed(({ systems: { prometheus } }) => {
      if (prometheus !== undefined) prometheus.tenant = 'somebody-else'
    })
    const ended = await accept([...requirement('suite.prometheus.1'), '--deadline-scale=0.2'], targetFile)
    assert.equal(ended.code, 1, printed(ended))
    assert.match(ended.stdout, /^violated +suite\.prometheus\.1 /m)
    assert.match(ended.stdout, /last +0 of \d+ series; missing acceptance_probe_/)
    assert.equal(await exposed(), '[]')
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
    assertAllSatisfied(ended)
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
    assert.match(ended.stdout, /^well +cluster lab +rights of fixtures\/cluster\/access\/disruption, 2 of them$/m)
    assert.match(ended.stdout, /^well +tempo +answers, version /m)
    assert.match(
      ended.stdout,
      /^well +prometheus +discovers targets of scenarios in acceptance-targets\.monitoring\.svc:9464$/m,
    )
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

  it('tells of a Service that is not there', async () => {
    const ended = await doctor(
      changed(({ systems }) => {
        Object.assign(systems.mimir ?? {}, { http: 'service/mimir:8080' })
      }),
    )
    assert.equal(ended.code, 3, printed(ended))
    assert.match(ended.stdout, /get Service monitoring\/mimir: there is no such Service/)
  })

  it('tells of a bucket that is not there, and of a Prometheus that looks for targets elsewhere', async () => {
    const ended = await doctor(
      changed(({ systems }) => {
        Object.assign(systems.tempo ?? {}, { bucket: 'no-such-bucket' })
        Object.assign(systems.prometheus ?? {}, { discovery: { service: 'service/prometheus:9090' } })
      }),
    )
    assert.equal(ended.code, 3, printed(ended))
    assert.match(ended.stdout, /no-such-bucket/)
    assert.match(ended.stdout, /none of its http_sd_configs asks \/targets there/)
    assert.match(ended.stdout, /^2 problems$/m)
  })
})

interface Kubeconfig {
  clusters: { cluster: { server: string } }[]
}

/** Does what a driver of volumes does when more of one is asked for, until something has ended: tells that it is larger. */
async function expandUntil(ended: Promise<unknown>): Promise<void> {
  let isOver = false
  void ended.finally(() => {
    isOver = true
  })
  while (!isOver) {
    const claims = JSON.parse(await control('get', 'persistentvolumeclaims', '--all-namespaces', '--output=json')) as {
      items: {
        metadata: { name: string; namespace: string }
        spec: { resources: { requests: { storage: string } } }
        status?: { capacity?: { storage?: string } }
      }[]
    }
    for (const { metadata, spec, status } of claims.items) {
      const asked = spec.resources.requests.storage
      if (status?.capacity?.storage === undefined || status.capacity.storage === asked) continue
      const larger = `--patch={"status": {"capacity": {"storage": "${asked}"}}}`
      const how = ['--subresource=status', '--type=merge', larger]
      await control(`--namespace=${metadata.namespace}`, 'patch', 'pvc', metadata.name, ...how)
    }
    await pause(200)
  }
}

/** The texts that the report holds of failing scenarios. */
function attachments({ reports }: Ended): string {
  const folder = join(reports, 'allure-results')
  const texts = readdirSync(folder).filter(name => name.endsWith('.txt'))
  return texts.map(name => readFileSync(join(folder, name), 'utf8')).join('\n')
}

describe('a fault of the cluster', () => {
  const { faults } = loadFaults(loadRegistry())
  const named = (id: string) => faults.find(fault => fault.id === id)?.cluster ?? assert.fail(`there is no fault ${id}`)

  it('of a pod that ends again and again is told with the pod, its last end and its events', async () => {
    const broken = new ClusterFaults(cluster.control, cluster.place)
    try {
      await broken.apply(named('tempo-pod-ends-again-and-again'))
      const ended = await accept([...requirement('tempo-mimir.004.2'), '--deadline-scale', '0.1'])
      assert.equal(ended.code, 1, printed(ended))
      assert.match(attachments(ended), /before ended: Error \(exit code [12]\)[\s\S]* (BackOff|Started): /)
    } finally {
      await broken.restore()
    }
    const after = await accept(requirement('tempo-mimir.004.2', 'tempo-mimir.003.6'))
    assert.equal(after.code, 0, printed(after))
  })

  it('of a class whose claims are never expanded is seen, and one that expands them is well', async () => {
    const promised = new ClusterFaults(cluster.control, cluster.place)
    const operations = [{ op: 'add', path: '/allowVolumeExpansion', value: true }]
    try {
      await promised.apply([{ patch: 'storageclass/standard', namespace: 'default', operations, keepsPods: false }])
      const red = await accept([...requirement('suite.kubernetes.7'), '--deadline-scale', '0.02'])
      assert.equal(red.code, 1, printed(red))
      assert.match(red.stdout, /the claim has 16Mi, not 32Mi/)
      const running = accept(requirement('suite.kubernetes.7'))
      await expandUntil(running)
      const green = await running
      assert.equal(green.code, 0, printed(green))
      assert.match(green.stdout, /^satisfied +suite\.kubernetes\.7 /m)
    } finally {
      await promised.restore()
    }
    const without = await accept(requirement('suite.kubernetes.7'))
    assert.match(without.stdout, /does not allow claims to be expanded/)
  })

  it('leaves everything as it was when it is over', async () => {
    const described = async () =>
      JSON.parse(
        await control(
          'get',
          'statefulset,service,secret,storageclass,node,pvc,validatingadmissionpolicy',
          '--all-namespaces',
          '--output=json',
        ),
      ) as {
        items: {
          kind: string
          metadata: { name: string; namespace?: string }
          spec?: unknown
          data?: unknown
          provisioner?: string
        }[]
      }
    const state = async () =>
      (await described()).items
        // Those of scenarios go with their namespaces, in their own time.
        .filter(({ kind, metadata }) => kind !== 'PersistentVolumeClaim' || metadata.namespace === 'monitoring')
        .map(({ kind, metadata, spec, data, provisioner }) => ({ kind, name: metadata.name, spec, data, provisioner }))
        // The API server's own numbers for what has been made anew.
        .map(each => JSON.stringify(each).replaceAll(/"(uid|resourceVersion)":"[^"]*"/g, ''))
        .sort()
    const before = await state()
    const broken = new ClusterFaults(cluster.control, cluster.place)
    for (const id of ['claim-never-binds', 'volume-stays', 'service-leads-nowhere', 'mimir-replica-too-many']) {
      await broken.apply(named(id))
      assert.notDeepEqual(await state(), before, id)
      await broken.restore()
      assert.deepEqual(await state(), before, id)
    }
  })
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
