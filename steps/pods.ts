import { randomBytes } from 'node:crypto'
import { Then, When } from '@cucumber/cucumber'
import { KubernetesClient } from '../support/drivers/kubernetes-client.ts'
import { type Moment, now } from '../support/eventually.ts'
import { allNodesReady, isScheduled, podsStarted, wroteExactly } from '../support/expectations/kubernetes.ts'
import { learn, learnOf, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { kubernetesSystem } from '../support/systems.ts'
import type { Cluster } from '../support/target/target.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { scratchOf } from './scratch.ts'

const pod = 'pod'
const service = 'named'

interface PodState {
  since?: Moment
  /** What its log must hold in the end. */
  expected?: string
}

const stateOf = scenarioState<AcceptanceWorld, PodState>(() => ({}))

/** @throws NotApplicable where the target has no Kubernetes under test */
function clustersOf({ run }: AcceptanceWorld): readonly Cluster[] {
  kubernetesSystem(run)
  return run.target.clusters
}

Then('every node of every cluster is Ready', async function (this: AcceptanceWorld) {
  const questions = clustersOf(this).map(cluster => ({
    ask: async (signal: AbortSignal) => {
      const client = KubernetesClient.of(cluster)
      const nodes = await client.ask('list nodes', signal, ({ core }, options) => core.listNode({}, options))
      return { ...nodes, value: nodes.value.items }
    },
    expect: allNodesReady,
  }))
  await this.eventuallyAll({ after: 'the look', again: 'transient' }, questions)
})

When('a test pod is created in every cluster', async function (this: AcceptanceWorld) {
  stateOf(this).since = now()
  for (const cluster of clustersOf(this)) await createPod(this, 'true', cluster)
})

Then('each of them is given a node', async function (this: AcceptanceWorld) {
  const questions = await Promise.all(
    clustersOf(this).map(async cluster => {
      const scratch = await scratchOf(this, cluster)
      return { ask: (signal: AbortSignal) => scratch.findPod(pod, signal), expect: isScheduled }
    }),
  )
  await this.eventuallyAll({ since: stateOf(this).since, after: 'the creation' }, questions)
})

When('a pod writes a line of its own', async function (this: AcceptanceWorld) {
  const line = `a line of ${this.probe.run} ${randomBytes(16).toString('hex')}`
  Object.assign(stateOf(this), { expected: line })
  // It stays for a while, so that its log is that of a pod that runs.
  await createPod(this, `echo '${line}'; sleep 60`)
})

Then('its log holds the line within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  const { expected: line = '' } = stateOf(this)
  const scratch = await scratchOf(this)
  // The line is written when the container starts, not when the pod is made.
  await prepare(this.run, 'the pod does not run', {
    ask: async signal => {
      const found = await scratch.findPod(pod, signal)
      return { ...found, value: found.value === undefined ? [] : [found.value] }
    },
    expect: podsStarted([]),
  })
  const ask = (signal: AbortSignal) => scratch.log(pod, signal)
  const expected = wroteExactly(line)
  await this.eventually({ deadlineMs, since: now(), after: 'its container was seen to run' }, { ask, expect: expected })
})

When('a pod resolves the name of a new Service', async function (this: AcceptanceWorld) {
  const scratch = await scratchOf(this)
  const body = { metadata: { name: service, labels: { ...scratch.labels } }, spec: { ports: [{ port: 80 }] } }
  const namespace = scratch.name
  const made = await learn(this.run, 'the new Service', signal =>
    scratch.client.ask(`create Service ${namespace}/${service}`, signal, ({ core }, options) =>
      core.createNamespacedService({ namespace, body }, options),
    ),
  )
  const address = made.spec?.clusterIP ?? ''
  Object.assign(stateOf(this), { expected: address, since: now() })
  const name = `${service}.${namespace}.svc.cluster.local`
  // A name that is new may not be known at once; the answer is the last line that names an address.
  const look = `nslookup ${name} | awk '/^Name:/ {found = 1} /^Address/ && found {print $NF; exit}'`
  await createPod(
    this,
    `for attempt in 1 2 3 4 5 6 7 8 9 10; do answer=$(${look}); [ -n "$answer" ] && break; sleep 1; done; echo "$answer"`,
  )
})

Then('it is told the address of the Service', async function (this: AcceptanceWorld) {
  const { expected = '', since } = stateOf(this)
  const scratch = await scratchOf(this)
  const ask = (signal: AbortSignal) => scratch.log(pod, signal)
  await this.eventually({ since, after: 'the Service was made' }, { ask, expect: wroteExactly(expected) })
})

async function createPod(world: AcceptanceWorld, script: string, cluster?: Cluster): Promise<void> {
  const { shellImage: image } = kubernetesSystem(world.run)
  const scratch = await scratchOf(world, cluster)
  await learnOf(world.run, 'the pod', signal => scratch.pod({ name: pod, image, script }, signal))
}
