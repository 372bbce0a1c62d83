import type { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { describeError } from '../errors.ts'
import { serverNames } from '../system-names.ts'
import type { UsedService } from '../target/service-address.ts'
import type { Cluster, Target } from '../target/target.ts'
import type { Finding } from './finding.ts'

/** A right that scenarios need in a cluster, as RBAC writes it. */
export interface Right {
  readonly cluster: string
  /** Undefined: in every namespace, or of what lies in none. */
  readonly namespace?: string
  readonly verb: string
  readonly group?: string
  readonly resource: string
  readonly subresource?: string
  /** The manifest of fixtures/cluster/access that grants it. */
  readonly grantedBy: 'access' | 'access/disruption' | 'access/scratch'
}

const ofWorkloads: readonly Pick<Right, 'verb' | 'group' | 'resource' | 'subresource'>[] = [
  { verb: 'list', resource: 'pods' },
  { verb: 'get', resource: 'pods', subresource: 'log' },
  { verb: 'list', resource: 'events' },
  { verb: 'list', resource: 'secrets' },
]
const ofServices: typeof ofWorkloads = [
  { verb: 'get', resource: 'services' },
  { verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices' },
  { verb: 'get', resource: 'pods', subresource: 'portforward' },
]
const ofScratch: typeof ofWorkloads = [
  ...['create', 'delete'].map(verb => ({ verb, resource: 'namespaces' })),
  { verb: 'list', resource: 'nodes' },
  { verb: 'get', resource: 'persistentvolumes' },
  { verb: 'list', group: 'storage.k8s.io', resource: 'storageclasses' },
  ...['persistentvolumeclaims', 'pods'].flatMap(resource =>
    ['get', 'create', 'delete'].map(verb => ({ verb, resource })),
  ),
  { verb: 'patch', resource: 'persistentvolumeclaims' },
  { verb: 'get', resource: 'pods', subresource: 'log' },
  { verb: 'create', resource: 'services' },
  { verb: 'create', resource: 'serviceaccounts' },
  { verb: 'create', resource: 'serviceaccounts', subresource: 'token' },
  ...['roles', 'rolebindings'].map(resource => ({ verb: 'create', group: 'rbac.authorization.k8s.io', resource })),
  { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
]

/** Every right that the scenarios need which a target lets be run. */
export function rightsNeeded(
  { systems, clusters, allow }: Pick<Target, 'systems' | 'clusters' | 'allow'>,
  services: readonly UsedService[],
): Right[] {
  const rights: Right[] = []
  const first = clusters[0]?.name ?? ''
  for (const { cluster, namespace } of services)
    rights.push(...ofServices.map(right => ({ ...right, cluster, namespace, grantedBy: 'access' as const })))
  for (const name of serverNames) {
    const workload = systems[name]?.workload
    if (workload === undefined || workload.kind === 'LabProcess') continue
    const { namespace, kind, cluster = first } = workload
    const resource = `${kind.toLowerCase()}s`
    const looks = [...ofWorkloads, { verb: 'get', group: 'apps', resource }]
    rights.push(...looks.map(right => ({ ...right, cluster, namespace, grantedBy: 'access' as const })))
    if (!allow.disruption.includes(namespace)) continue
    const ofDisruption: typeof ofWorkloads = [
      { verb: 'delete', resource: 'pods' },
      ...(kind === 'DaemonSet' ? [] : [{ verb: 'patch', group: 'apps', resource, subresource: 'scale' }]),
    ]
    rights.push(
      ...ofDisruption.map(right => ({ ...right, cluster, namespace, grantedBy: 'access/disruption' as const })),
    )
  }
  const { kubernetes } = systems
  if (kubernetes !== undefined) {
    const cluster = kubernetes.cluster.name
    rights.push(...ofScratch.map(right => ({ ...right, cluster, grantedBy: 'access/scratch' as const })))
  }
  return [...new Map(rights.map(right => [describeRight(right) + right.cluster, right])).values()]
}

/** Asks the API server which of these rights the suite has (SelfSubjectAccessReview); one finding for each manifest. */
export async function checkRights(
  rights: readonly Right[],
  cluster: Cluster,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<Finding[]> {
  const own = rights.filter(right => right.cluster === cluster.name)
  const about = `cluster ${cluster.name}`
  const findings: Finding[] = []
  for (const [grantedBy, needed] of Map.groupBy(own, right => right.grantedBy)) {
    const what = `rights of fixtures/cluster/${grantedBy}, ${needed.length} of them`
    try {
      const answers = await Promise.all(
        needed.map(async right => ({ right, may: await isAllowed(client, right, signal) })),
      )
      const missing = answers.filter(({ may }) => !may).map(({ right }) => describeRight(right))
      const problem = missing.length === 0 ? undefined : `it may not ${missing.join('; nor ')}`
      const advice = `kubectl apply --kustomize fixtures/cluster/${grantedBy}, and run as system:serviceaccount:monitoring:acceptance, or grant them otherwise`
      findings.push({ about, what, ...(problem !== undefined && { problem, advice }) })
    } catch (error) {
      findings.push({ about, what, problem: describeError(error), advice: 'correct the kubeconfig under clusters' })
    }
  }
  return findings
}

async function isAllowed(client: KubernetesClient, right: Right, signal: AbortSignal): Promise<boolean> {
  const { namespace, verb, group = '', resource, subresource } = right
  const resourceAttributes = {
    verb,
    group,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(subresource !== undefined && { subresource }),
  }
  const asked = `may I ${describeRight(right)}`
  const { value } = await client.ask(asked, signal, ({ authorization }, options) =>
    authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } }, options),
  )
  return value.status?.allowed === true
}

/** `delete pods in monitoring`, `get pods/log in monitoring`, `list nodes`. */
export function describeRight({ verb, resource, subresource, namespace }: Right): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${where}`
}
