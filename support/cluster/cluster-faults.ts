import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../errors.ts'
import type { ClusterChange } from '../faults/cluster-change.ts'
import { run } from './host.ts'
import type { Kubectl } from './kubectl.ts'
import type { ClusterPlace } from './place.ts'
import { readRecord } from './record.ts'

type Patch = Extract<ClusterChange, { patch: string }>
type Undo = () => Promise<unknown>
type Manifest = Extract<ClusterChange, { create: unknown }>['create']

/** So often, and so long apart, it is looked whether a change is in force. Together 2 minutes. */
const looks = 600
const lookPauseMs = 200
const repeatPauseMs = 50
const rolloutTimeout = '--timeout=120s'
/** Kinds whose pods come and go with them. */
const workloads = ['statefulset', 'deployment']
const policyName = 'acceptance-keeps'

/** Breaks the cluster lab, and puts it back as it was. */
export class ClusterFaults {
  readonly #control: Kubectl
  readonly #place: ClusterPlace
  readonly #undo: Undo[] = []

  /** @param control as who may do everything */
  constructor(control: Kubectl, place: ClusterPlace) {
    this.#control = control
    this.#place = place
  }

  /**
   * Returns when all of these changes are in force. What was changed before one failed is put back by `restore`.
   * @throws EnvironmentError where one cannot be made
   */
  async apply(changes: readonly ClusterChange[]): Promise<void> {
    for (const change of changes) await this.#make(change)
  }

  /** Takes every change back, the last one first; returns when the pods are as they were. @throws EnvironmentError */
  async restore(): Promise<void> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) await undo()
  }

  async #make(change: ClusterChange): Promise<void> {
    if ('patch' in change) return await this.#patch(change)
    if ('create' in change) return await this.#create(change.create)
    if ('recreate' in change) return await this.#recreate(change.recreate)
    if ('keep' in change) return await this.#keep(change.keep, change.probe)
    this.#repeat(change.repeat)
  }

  async #patch(change: Patch): Promise<void> {
    const { patch: resource, operations, keepsPods, gone } = change
    const namespace = `--namespace=${change.namespace}`
    const saved = await this.#saved(namespace, resource)
    const [kind = ''] = resource.split('/')
    const isWorkload = workloads.includes(kind)
    const claims = isWorkload ? await this.#claims(namespace) : []
    this.#undo.push(async () => {
      await this.#control.withInput(saved, namespace, 'replace', '--filename=-')
      if (!isWorkload) return
      // A pod that never became ready is not replaced by itself.
      if (keepsPods) await this.#control(namespace, 'delete', 'pod', ...selectorOf(saved), '--grace-period=1')
      await this.#rolledOut(namespace, resource)
      // A StatefulSet keeps the claims of replicas that have gone.
      const made = (await this.#claims(namespace)).filter(claim => !claims.includes(claim))
      if (made.length > 0) await this.#control(namespace, 'delete', ...made)
    })
    const onDelete = { op: 'replace', path: '/spec/updateStrategy', value: { type: 'OnDelete' } }
    const all = JSON.stringify(keepsPods ? [onDelete, ...operations] : operations)
    await this.#control(namespace, 'patch', resource, '--type=json', `--patch=${all}`)
    if (isWorkload && !keepsPods) await this.#rolledOut(namespace, resource)
    if (gone !== undefined)
      await this.#control(namespace, 'wait', '--for=delete', 'pod', `--selector=${gone}`, rolloutTimeout)
  }

  async #create(manifest: Manifest): Promise<void> {
    const text = JSON.stringify(manifest)
    await this.#control.withInput(text, 'create', '--filename=-')
    this.#undo.push(() => this.#control.withInput(text, 'delete', '--ignore-not-found', '--filename=-'))
  }

  async #recreate(manifest: Manifest): Promise<void> {
    const text = JSON.stringify(manifest)
    const saved = withoutTraces(await this.#control.withInput(text, 'get', '--output=json', '--filename=-'))
    this.#undo.push(() => this.#control.withInput(saved, 'replace', '--force', '--filename=-'))
    await this.#control.withInput(text, 'replace', '--force', '--filename=-')
  }

  /** The API server refuses whoever wants to delete such an object (Kubernetes, "Validating Admission Policy"). */
  async #keep(resources: string, probe: Manifest): Promise<void> {
    const group = probe.apiVersion.includes('/') ? (probe.apiVersion.split('/')[0] ?? '') : ''
    const version = probe.apiVersion.split('/').at(-1) ?? ''
    const rule = { apiGroups: [group], apiVersions: [version], operations: ['DELETE'], resources: [resources] }
    const [policy, binding] = [
      {
        kind: 'ValidatingAdmissionPolicy',
        spec: {
          matchConstraints: { resourceRules: [rule] },
          validations: [{ expression: 'false', message: policyName }],
        },
      },
      { kind: 'ValidatingAdmissionPolicyBinding', spec: { policyName, validationActions: ['Deny'] } },
    ].map(object => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      metadata: { name: policyName },
      ...object,
    }))
    const text = JSON.stringify(probe)
    const isRefused = async (...how: string[]): Promise<boolean> => {
      const said = await this.#control.withInput(text, 'delete', ...how, '--filename=-').catch(String)
      return said.includes(policyName)
    }
    await this.#control.withInput(text, 'create', '--filename=-')
    this.#undo.push(async () => {
      // A rule is in force, and is gone, a moment after it was told.
      await until(`the rule for ${resources} goes`, async () => !(await isRefused('--ignore-not-found')))
    })
    for (const object of [policy, binding]) {
      if (object === undefined) continue
      const [kind, name] = [object.kind.toLowerCase(), object.metadata.name]
      this.#undo.push(() => this.#control('delete', kind, name, '--ignore-not-found'))
      await this.#control.withInput(JSON.stringify(object), 'create', '--filename=-')
    }
    await until(`the rule for ${resources} comes into force`, () => isRefused('--dry-run=server'))
  }

  #repeat(script: string): void {
    const stop = new AbortController()
    const repeated = this.#repeatUntil(script, stop.signal)
    // Told when it is taken back, and not before.
    repeated.catch(() => undefined)
    this.#undo.push(async () => {
      stop.abort()
      await repeated
    })
  }

  async #repeatUntil(script: string, signal: AbortSignal): Promise<void> {
    const keeper = readRecord(this.#place.record)?.keeper?.pid
    if (keeper === undefined) throw new EnvironmentError('the cluster lab does not run')
    const first = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim()
    while (!signal.aborted) {
      await run('nsenter', '--target', first, '--mount', 'sh', '-c', script)
      await pause(repeatPauseMs)
    }
  }

  /** `persistentvolumeclaim/data-tempo-0` */
  async #claims(namespace: string): Promise<string[]> {
    const names = await this.#control(namespace, 'get', 'persistentvolumeclaims', '--output=name')
    return names.split('\n').filter(name => name !== '')
  }

  async #saved(namespace: string, resource: string): Promise<string> {
    return withoutTraces(await this.#control(namespace, 'get', resource, '--output=json'))
  }

  /** Waits until there are as many pods as there should be, all of them made as it is said now, and ready. */
  async #rolledOut(namespace: string, resource: string): Promise<void> {
    await this.#control(namespace, 'rollout', 'status', resource, rolloutTimeout)
    await until(`${resource} has as many pods as it should`, async () => {
      const workload = await this.#control(namespace, 'get', resource, '--output=json')
      const { spec } = JSON.parse(workload) as { spec: { replicas: number } }
      const pods = await this.#control(namespace, 'get', 'pods', ...selectorOf(workload), '--output=name')
      return pods.split('\n').filter(line => line !== '').length === spec.replicas
    })
  }
}

/** What the API server adds to every version of an object. */
const traces = ['resourceVersion', 'uid', 'creationTimestamp', 'managedFields']

/** An object as it was, to be put in the place of a later version of it. */
function withoutTraces(text: string): string {
  const object = JSON.parse(text) as { metadata: Record<string, unknown> }
  const metadata = Object.entries(object.metadata).filter(([name]) => !traces.includes(name))
  return JSON.stringify({ ...object, metadata: Object.fromEntries(metadata), status: undefined })
}

function selectorOf(workload: string): string[] {
  const { spec } = JSON.parse(workload) as { spec: { selector: { matchLabels: Record<string, string> } } }
  const labels = Object.entries(spec.selector.matchLabels).map(([name, value]) => `${name}=${value}`)
  return [`--selector=${labels.join(',')}`]
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    if (await holds()) return
    await pause(lookPauseMs)
  }
  throw new EnvironmentError(`${what}: not within ${(looks * lookPauseMs) / 1_000} s`)
}
