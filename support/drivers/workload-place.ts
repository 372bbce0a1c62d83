import { NotApplicable } from '../errors.ts'
import type { WorkloadReference } from '../target/schema.ts'
import type { Cluster } from '../target/target.ts'
import { KubernetesClient } from './kubernetes-client.ts'
import { KubernetesWorkload } from './kubernetes-workload.ts'
import { LabProcess } from './lab-process.ts'
import type { Workload } from './workload.ts'

/**
 * The workload that a target names, in one of its clusters.
 * @param ownMemory what the system tells of its memory itself, where the cluster measures none; bytes
 * @throws NotApplicable where the target has no such cluster
 */
export function workloadAt(
  reference: WorkloadReference,
  clusters: readonly Cluster[],
  ownMemory?: (signal: AbortSignal) => Promise<number | undefined>,
): Workload {
  if (reference.kind === 'LabProcess') return new LabProcess(reference)
  return new KubernetesWorkload(KubernetesClient.of(clusterNamed(clusters, reference.cluster)), reference, ownMemory)
}

/** The first cluster of a target, where none is named. @throws NotApplicable where there is no such cluster */
export function clusterNamed(clusters: readonly Cluster[], name?: string): Cluster {
  const cluster = name === undefined ? clusters[0] : clusters.find(each => each.name === name)
  if (cluster === undefined) throw new NotApplicable('the target names no Kubernetes cluster')
  return cluster
}
