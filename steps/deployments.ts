import { Then, When } from '@cucumber/cucumber'
import type { V1Pod } from '@kubernetes/client-node'
import { quantityOf } from '../support/drivers/kubernetes-text.ts'
import { KubernetesWorkload } from '../support/drivers/kubernetes-workload.ts'
import type { WorkloadStatus } from '../support/drivers/workload.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import { type Moment, now } from '../support/eventually.ts'
import {
  hasSucceeded,
  imagesPinned,
  memoryLimitedTo,
  podsStarted,
  probedAndRequested,
  readsFromSecret,
} from '../support/expectations/kubernetes.ts'
import { isReady, replacedAndReady } from '../support/expectations/workloads.ts'
import { learn, learnOf, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import type { ServerSystemName } from '../support/system-names.ts'
import { clientOf, kubernetesSystem, systemOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { scratchOf } from './scratch.ts'

interface Deployment {
  readonly system: ServerSystemName
  readonly workload: KubernetesWorkload
  readonly pods: readonly V1Pod[]
  /** By which the pods were learned. */
  readonly request: string
}

interface Deletion {
  readonly workload: KubernetesWorkload
  readonly before: WorkloadStatus
  readonly deleted: readonly string[]
  readonly since: Moment
}

const lookedAt = scenarioState<AcceptanceWorld, { deployment?: Deployment }>(() => ({}))
const deletionOf = scenarioState<AcceptanceWorld, { deletion?: Deletion }>(() => ({}))
const connectionOf = scenarioState<AcceptanceWorld, { pod?: string; since?: Moment }>(() => ({}))

const gibibyte = 2 ** 30
const connectSeconds = 5

/** @throws NotApplicable where no cluster runs the system */
function clusterWorkload({ run }: AcceptanceWorld, system: ServerSystemName): KubernetesWorkload {
  const workload = workloadOf(run, system)
  if (!(workload instanceof KubernetesWorkload))
    throw new NotApplicable(`${system} is run by no cluster here; try --target cluster`)
  return workload
}

When('the pods of {server} are looked at', async function (this: AcceptanceWorld, system: ServerSystemName) {
  const workload = clusterWorkload(this, system)
  const { value: pods, request } = await learnOf(this.run, `the pods of ${system}`, signal => workload.pods(signal))
  lookedAt(this).deployment = { system, workload, pods, request }
})

function deployment(world: AcceptanceWorld): Deployment {
  const { deployment: found } = lookedAt(world)
  if (found === undefined) throw new Undetermined('the scenario has looked at no pods', 'harness')
  return found
}

Then(
  'a Secret gives them {string} and {string} as environment variables',
  async function (this: AcceptanceWorld, first: string, second: string) {
    const { pods, request, workload, system } = deployment(this)
    const { namespace } = workload.place
    const cluster = systemOf(this.run, system).workload
    const client = clientOf(this.run, cluster?.kind === 'LabProcess' ? undefined : cluster?.cluster)
    const secrets = await learn(this.run, `the keys of the Secrets of ${namespace}`, signal =>
      client.ask(`list Secrets ${namespace}`, signal, ({ core }, options) =>
        core.listNamespacedSecret({ namespace }, options),
      ),
    )
    const keys = new Map(secrets.items.map(({ metadata, data }) => [metadata?.name ?? '', Object.keys(data ?? {})]))
    const check = () => readsFromSecret([first, second], name => keys.get(name))(pods)
    await this.judge({ after: 'the look' }, [{ request, check }])
  },
)

Then('its workload is set to 1 replica, and has as many pods', async function (this: AcceptanceWorld) {
  const { workload, pods, request } = deployment(this)
  const { wanted } = await learn(this.run, 'the replicas', signal => workload.controller(signal))
  const check = () => {
    if (wanted !== 1) throw new Unmet(`${workload.name} is set to ${wanted} replicas`)
    const there = pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined).length
    if (there !== 1) throw new Unmet(`${workload.name} has ${there} pods`)
  }
  await this.judge({ after: 'the look' }, [{ request, check }])
})

Then(
  'each of its pods is limited to at most {float}Gi of memory',
  async function (this: AcceptanceWorld, limit: number) {
    await judgePods(this, memoryLimitedTo(limit * gibibyte, quantityOf))
  },
)

/** Judges the pods that were looked at. */
async function judgePods(world: AcceptanceWorld, expect: (pods: readonly V1Pod[]) => void): Promise<void> {
  const { pods, request } = deployment(world)
  await world.judge({ after: 'the look' }, [{ request, check: () => expect(pods) }])
}

Then(
  'each of its containers has probes of readiness and life, and requests of processor and memory',
  async function (this: AcceptanceWorld) {
    await judgePods(this, probedAndRequested)
  },
)

Then('each of its images is pinned to a version', async function (this: AcceptanceWorld) {
  await judgePods(this, imagesPinned)
})

Then('each of its pods is running', async function (this: AcceptanceWorld) {
  await judgePods(this, podsStarted([]))
})

When('the pods of {server} are deleted', async function (this: AcceptanceWorld, system: ServerSystemName) {
  const workload = clusterWorkload(this, system)
  const { value: before } = await prepare(this.run, `${system} is not ready before its pods are deleted`, {
    ask: signal => workload.status(signal),
    expect: isReady,
  })
  const pods = await learn(this.run, `the pods of ${system}`, signal => workload.pods(signal))
  const since = now()
  await workload.terminate(this.signal)
  deletionOf(this).deletion = { workload, before, since, deleted: pods.map(({ metadata }) => metadata?.uid ?? '') }
})

function deletion(world: AcceptanceWorld): Deletion {
  const { deletion: found } = deletionOf(world)
  if (found === undefined) throw new Undetermined('the scenario has deleted no pods', 'harness')
  return found
}

Then(
  'new pods of {server} have started within {duration}',
  async function (this: AcceptanceWorld, system: ServerSystemName, deadlineMs: number) {
    const { workload, deleted, since } = deletion(this)
    const ask = (signal: AbortSignal) => workload.pods(signal)
    await this.eventually({ deadlineMs, since, after: 'the deletion' }, { ask, expect: podsStarted(deleted) })
    await prepare(this.run, `${system} does not become ready`, {
      ask: signal => workload.status(signal),
      expect: isReady,
    })
  },
)

Then(
  'new pods of {server} are ready within {duration}',
  async function (this: AcceptanceWorld, _system: ServerSystemName, deadlineMs: number) {
    const { workload, before, since } = deletion(this)
    const ask = (signal: AbortSignal) => workload.status(signal)
    await this.eventually({ deadlineMs, since, after: 'the deletion' }, { ask, expect: replacedAndReady(before) })
  },
)

When(
  "a pod in a namespace of its own connects to {system}'s Service at its OTLP gRPC port",
  async function (this: AcceptanceWorld, system: ServerSystemName) {
    await connectFromInside(this, system, systemOf(this.run, 'tempo').otlpGrpc.service)
  },
)

When(
  "a pod in a namespace of its own connects to {system}'s Service at its HTTP port",
  async function (this: AcceptanceWorld, system: ServerSystemName) {
    await connectFromInside(this, system, systemOf(this.run, 'mimir').http.service)
  },
)

/** The pod tries once: a name that is not known, and a port that nobody listens on, end it with another exit code than 0. */
async function connectFromInside(
  world: AcceptanceWorld,
  system: ServerSystemName,
  service: { readonly host: string; readonly port: number } | undefined,
): Promise<void> {
  if (service === undefined) throw new NotApplicable(`the target reaches ${system} by no Service of a cluster`)
  const scratch = await scratchOf(world)
  const name = 'connects'
  const { shellImage: image } = kubernetesSystem(world.run)
  // Both ends close it again at once; an nc of whatever kind ends with 0 only where it was connected.
  const script = `nc -w ${connectSeconds} ${service.host} ${service.port} </dev/null`
  await learnOf(world.run, 'the pod that connects', signal => scratch.pod({ name, image, script }, signal))
  Object.assign(connectionOf(world), { pod: name, since: now() })
}

Then('the connection is accepted', async function (this: AcceptanceWorld) {
  const { pod = '', since } = connectionOf(this)
  const scratch = await scratchOf(this)
  const ask = (signal: AbortSignal) => scratch.findPod(pod, signal)
  await this.eventually({ since, after: 'the pod was made' }, { ask, expect: hasSucceeded })
})
