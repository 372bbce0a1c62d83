import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What of this machine a cluster could leave behind. */
export interface Machine {
  readonly processes: readonly string[]
  readonly mounts: readonly string[]
  readonly devices: readonly string[]
  readonly cgroups: readonly string[]
  readonly folders: readonly string[]
  readonly settings: readonly string[]
}

const ofCluster = /^(containerd|containerd-shim|etcd|kube|coredns|runc|unshare|minio|tempo|mimir|pause)/
/** Anybody runs these; a cluster's are in process namespaces of its own. */
const ofPods = /^sleep/
const folders = [
  '/var/lib/cni',
  '/tmp/hostpath_pv',
  '/var/log/pods',
  '/var/log/containers',
  '/run/containerd',
  '/var/lib/kubelet',
]
const settings = [
  'vm/overcommit_memory',
  'kernel/panic',
  'kernel/panic_on_oops',
  'vm/panic_on_oom',
  'net/ipv4/ip_forward',
]

/** As it is now: programs that clusters are made of, mounts, network devices, cgroups, folders and settings of the kernel. */
export function lookAtMachine(): Machine {
  return {
    processes: readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(pid =>
        commandOf(pid).filter(command => ofCluster.test(command) || (ofPods.test(command) && isElsewhere(pid))),
      )
      .sort(),
    mounts: readFileSync('/proc/self/mounts', 'utf8').trim().split('\n').sort(),
    devices: execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(line => line.split(/[\s@]/)[0] ?? '')
      .sort(),
    cgroups: cgroupsBelow('/sys/fs/cgroup', 3),
    folders: folders.filter(folder => existsSync(folder)),
    settings: settings.map(name => `${name} ${readFileSync(join('/proc/sys', name), 'utf8').trim()}`),
  }
}

/** Whether it is in another process namespace than this. */
function isElsewhere(pid: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync('/proc/self/ns/pid')
  } catch {
    return false
  }
}

function commandOf(pid: string): string[] {
  try {
    return [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]
  } catch {
    return []
  }
}

function cgroupsBelow(folder: string, depth: number): string[] {
  if (depth === 0) return []
  const inner = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return inner.flatMap(({ name }) => [join(folder, name), ...cgroupsBelow(join(folder, name), depth - 1)]).sort()
}
