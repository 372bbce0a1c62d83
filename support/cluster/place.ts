import { join } from 'node:path'
import { dataFolder } from '../folders.ts'

/**
 * What the cluster on this machine is called and where it lies. There is one at a time: its processes, mounts and network
 * are in namespaces of its own, so that it shares neither ports nor names with any other cluster.
 */

export const nodeName = 'acceptance'
/** Of its cgroups, below each controller. */
export const cgroup = 'observability-acceptance'
/** The end of its only cable that is on the machine's side. */
export const hostInterface = 'acceptance0'
export const nodeInterface = 'eth0'

export const podNetwork = '10.244.0.0/24'
export const serviceNetwork = '10.96.0.0/16'
export const apiService = '10.96.0.1'
export const dnsService = '10.96.0.10'
export const clusterDomain = 'cluster.local'
export const apiPort = 6443

/** Where a cluster keeps what it writes. */
export interface ClusterPlace {
  readonly folder: string
  /** The unshare process that its namespaces live and end with; told by its record. */
  readonly record: string
  /** What its supervisor says: a line of JSON for each step, see `ClusterEvent`. */
  readonly events: string
  readonly log: string
}

export function clusterPlace(folder = join(dataFolder, 'cluster')): ClusterPlace {
  return {
    folder,
    record: join(folder, 'cluster.json'),
    events: join(folder, 'events'),
    log: join(folder, 'supervisor.log'),
  }
}
