import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node'
import { RequestError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { Answer } from './answer.ts'
import { type KubernetesClient, statusOf } from './kubernetes-client.ts'
import { podLog } from './kubernetes-log.ts'

/** Whose objects these are: everything that a scenario makes in a cluster carries these labels. */
export interface ScratchMark {
  readonly run: string
  readonly scenario: string
}

const runLabel = 'acceptance.observability/run'
const scenarioLabel = 'acceptance.observability/scenario'

export interface ScratchPod {
  readonly name: string
  readonly image: string
  /** A shell script that it runs. */
  readonly script: string
  /** A claim that is mounted at /data. */
  readonly claim?: string
  readonly serviceAccount?: string
}

export interface Grant {
  /** Such as `configmaps`, of the core API. */
  readonly resource: string
  readonly verbs: readonly string[]
}

/** A namespace of one scenario's own, with what it makes there; all of it goes with the namespace. */
export class ScratchNamespace {
  readonly client: KubernetesClient
  readonly name: string
  readonly labels: Readonly<Record<string, string>>

  constructor(client: KubernetesClient, { run, scenario }: ScratchMark) {
    this.client = client
    this.name = `acceptance-${run}-${scenario}`.toLowerCase()
    this.labels = { [runLabel]: run, [scenarioLabel]: scenario }
  }

  async create(signal: AbortSignal): Promise<Answer<unknown>> {
    const body = { metadata: { name: this.name, labels: { ...this.labels } } }
    return await this.client.ask(`create namespace ${this.name}`, signal, ({ core }, options) =>
      core.createNamespace({ body }, options),
    )
  }

  /** Returns when its end has begun; what is in it ends by itself. */
  async remove(signal: AbortSignal): Promise<void> {
    await this.client.find(`delete namespace ${this.name}`, signal, ({ core }, options) =>
      core.deleteNamespace({ name: this.name }, options),
    )
  }

  /** @param storageClass undefined: the default class */
  async claim(name: string, signal: AbortSignal, storageClass?: string): Promise<Answer<V1PersistentVolumeClaim>> {
    const namespace = this.name
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '16Mi' } },
      ...(storageClass !== undefined && { storageClassName: storageClass }),
    }
    const body = { metadata: this.#metadata(name), spec }
    return await this.client.ask(`create claim ${namespace}/${name}`, signal, ({ core }, options) =>
      core.createNamespacedPersistentVolumeClaim({ namespace, body }, options),
    )
  }

  async findClaim(name: string, signal: AbortSignal): Promise<Answer<V1PersistentVolumeClaim | undefined>> {
    const namespace = this.name
    return await this.client.find(`get claim ${namespace}/${name}`, signal, ({ core }, options) =>
      core.readNamespacedPersistentVolumeClaim({ namespace, name }, options),
    )
  }

  /** Asks for another capacity of a claim: `32Mi`. */
  async resizeClaim(name: string, storage: string, signal: AbortSignal): Promise<Answer<V1PersistentVolumeClaim>> {
    const namespace = this.name
    const body = [{ op: 'replace', path: '/spec/resources/requests/storage', value: storage }]
    return await this.client.ask(`resize claim ${namespace}/${name} to ${storage}`, signal, ({ core }, options) =>
      core.patchNamespacedPersistentVolumeClaim({ namespace, name, body }, options),
    )
  }

  async removeClaim(name: string, signal: AbortSignal): Promise<void> {
    const namespace = this.name
    await this.client.find(`delete claim ${namespace}/${name}`, signal, ({ core }, options) =>
      core.deleteNamespacedPersistentVolumeClaim({ namespace, name }, options),
    )
  }

  /** A pod that runs a script once. */
  async pod({ name, image, script, claim, serviceAccount }: ScratchPod, signal: AbortSignal): Promise<Answer<V1Pod>> {
    const namespace = this.name
    const body: V1Pod = {
      metadata: this.#metadata(name),
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: serviceAccount !== undefined,
        ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
        containers: [
          {
            name: 'shell',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/sh', '-c', script],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
            ...(claim !== undefined && { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
          },
        ],
        ...(claim !== undefined && { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] }),
      },
    }
    return await this.client.ask(`create pod ${namespace}/${name}`, signal, ({ core }, options) =>
      core.createNamespacedPod({ namespace, body }, options),
    )
  }

  async findPod(name: string, signal: AbortSignal): Promise<Answer<V1Pod | undefined>> {
    const namespace = this.name
    return await this.client.find(`get pod ${namespace}/${name}`, signal, ({ core }, options) =>
      core.readNamespacedPod({ namespace, name }, options),
    )
  }

  async removePod(name: string, signal: AbortSignal): Promise<void> {
    const namespace = this.name
    await this.client.find(`delete pod ${namespace}/${name}`, signal, ({ core }, options) =>
      core.deleteNamespacedPod({ namespace, name }, options),
    )
  }

  /** What a pod wrote so far, whole. */
  async log(name: string, signal: AbortSignal): Promise<Answer<string>> {
    return await podLog(this.client, { namespace: this.name, name }, signal)
  }

  /** A service account with the right to these verbs on a resource of this namespace, and to nothing else. */
  async account(name: string, granted: Grant, signal: AbortSignal): Promise<Answer<unknown>> {
    const namespace = this.name
    const metadata = this.#metadata(name)
    const rules = [{ apiGroups: [''], resources: [granted.resource], verbs: [...granted.verbs] }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }
    const subjects = [{ kind: 'ServiceAccount', name, namespace }]
    return await this.client.ask(`create account ${namespace}/${name}`, signal, async ({ core, access }, options) => {
      await core.createNamespacedServiceAccount({ namespace, body: { metadata } }, options)
      await access.createNamespacedRole({ namespace, body: { metadata, rules } }, options)
      await access.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } }, options)
    })
  }

  /** Whether the API server's own authorizer allows an account that (a SubjectAccessReview). */
  async allows(account: string, verb: string, resource: string, signal: AbortSignal): Promise<Answer<boolean>> {
    const namespace = this.name
    const user = `system:serviceaccount:${namespace}:${account}`
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    const spec = { user, groups, resourceAttributes: { namespace, verb, resource } }
    const asked = `may ${account} ${verb} ${resource} in ${namespace}`
    return await this.client.ask(asked, signal, async ({ authorization }, options) => {
      const { status } = await authorization.createSubjectAccessReview({ body: { spec } }, options)
      return status?.allowed === true
    })
  }

  /** The status by which the API server answers a list of a resource for the holder of an account's token. */
  async listsAs(account: string, resource: 'configmaps' | 'secrets', signal: AbortSignal): Promise<Answer<number>> {
    const namespace = this.name
    const token = await this.client.ask(`token of ${namespace}/${account}`, signal, ({ core }, options) =>
      core.createNamespacedServiceAccountToken(
        { name: account, namespace, body: { spec: { audiences: [], expirationSeconds: 600 } } },
        options,
      ),
    )
    const holder = await this.client.withToken(new Secret(token.value.status?.token ?? ''))
    return await holder.ask(`list ${resource} ${namespace} as ${account}`, signal, async ({ core }, options) => {
      try {
        if (resource === 'secrets') await core.listNamespacedSecret({ namespace }, options)
        else await core.listNamespacedConfigMap({ namespace }, options)
        return 200
      } catch (error) {
        const status = statusOf(error)
        if (status === undefined || status === 429 || status >= 500) throw error
        return status
      }
    })
  }

  #metadata(name: string) {
    return { name, labels: { ...this.labels } }
  }
}

/** A namespace that a scenario made and that is still there. */
export interface LeftNamespace {
  readonly name: string
  /** The run that made it. */
  readonly run: string
  readonly createdAt: Date
  /** Its end has begun. */
  readonly leaving: boolean
}

/** Every namespace of a cluster that carries the suite's label, of whatever run. */
export async function leftNamespaces(client: KubernetesClient, signal: AbortSignal): Promise<LeftNamespace[]> {
  const { value } = await client.ask('list namespaces of runs', signal, ({ core }, options) =>
    core.listNamespace({ labelSelector: runLabel }, options),
  )
  return value.items.map(({ metadata, status }) => ({
    name: metadata?.name ?? '',
    run: metadata?.labels?.[runLabel] ?? '',
    createdAt: metadata?.creationTimestamp ?? new Date(0),
    leaving: status?.phase === 'Terminating',
  }))
}

/** Has a namespace removed with all that is in it, if it still carries the suite's label. Does not wait. */
export async function removeLeftNamespace(client: KubernetesClient, name: string, signal: AbortSignal): Promise<void> {
  const found = await client.find(`get namespace ${name}`, signal, ({ core }, options) =>
    core.readNamespace({ name }, options),
  )
  const { metadata } = found.value ?? {}
  if (metadata?.labels?.[runLabel] === undefined) return
  const body = { preconditions: { ...(metadata.uid !== undefined && { uid: metadata.uid }) } }
  await client.find(`delete namespace ${name}`, signal, ({ core }, options) =>
    core.deleteNamespace({ name, body }, options),
  )
}

/** The volume that a claim is bound to; undefined where it is gone. */
export async function findVolume(client: KubernetesClient, name: string, signal: AbortSignal) {
  return await client.find(`get volume ${name}`, signal, ({ core }, options) =>
    core.readPersistentVolume({ name }, options),
  )
}

/** @throws RequestError where the claim is bound to none */
export function volumeOf(claim: V1PersistentVolumeClaim): string {
  const name = claim.spec?.volumeName
  if (name === undefined) throw new RequestError(`claim ${claim.metadata?.name} is bound to no volume`)
  return name
}
