import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { EnvironmentError } from '../errors.ts'
import { cgroup, hostInterface } from './place.ts'

/** What of the machine itself a cluster needs and changes, and how that is taken back. */

const longestMs = 60_000
const cgroupRoot = '/sys/fs/cgroup'

/** Folders that containerd and Kubernetes name in their code; a mount of the cluster's own lies over each. */
export const mountPoints = ['/var/lib/cni', '/var/log', '/tmp/hostpath_pv'] as const

/** By which program each Debian package is known to be there. */
const packages = {
  containerd: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  iproute2: 'ip',
  'util-linux': 'unshare',
  mount: 'mount',
  'busybox-static': '/bin/busybox',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
} as const

/** @throws EnvironmentError where this machine cannot have a cluster, with everything that it lacks */
export function requireHost(): void {
  if (process.platform !== 'linux') throw new EnvironmentError('the cluster lab runs on Linux only')
  if (process.getuid?.() !== 0) throw new EnvironmentError('the cluster lab needs root: mounts, network and cgroups')
  const missing = Object.entries(packages).flatMap(([name, program]) => (isThere(program) ? [] : [name]))
  if (missing.length > 0) {
    throw new EnvironmentError(`the cluster lab needs what is missing here: apt-get install ${missing.join(' ')}`)
  }
}

/** What it wrote to its output. @throws EnvironmentError with what it complained of, where it does not end with 0 */
export async function run(program: string, ...given: readonly string[]): Promise<string> {
  const ended = await execa(program, given, { stdin: 'ignore', timeout: longestMs, reject: false })
  if (ended.exitCode === 0) return ended.stdout
  const why = ended.stderr || (ended.originalMessage ?? 'it could not be started')
  throw new EnvironmentError(`${[program, ...given].join(' ')} failed: ${why}`)
}

/** The folders of the machine over which mounts are laid; those that were made here are told, to be removed again. */
export function makeMountPoints(): string[] {
  const made = mountPoints.filter(path => !existsSync(path))
  for (const path of made) mkdirSync(path, { recursive: true })
  return made
}

export function removeMountPoints(made: readonly string[]): void {
  for (const path of made) removeEmpty(path)
}

/** A cgroup of the cluster's own in each hierarchy: with version 2 there is only one, else one for each controller. */
function cgroups(): string[] {
  const isHierarchy = (path: string) => existsSync(join(path, 'cgroup.procs'))
  const hierarchies = isHierarchy(cgroupRoot)
    ? [cgroupRoot]
    : readdirSync(cgroupRoot)
        .map(name => join(cgroupRoot, name))
        .filter(isHierarchy)
  return hierarchies.map(path => join(path, cgroup))
}

export function makeCgroups(): void {
  for (const path of cgroups()) mkdirSync(path, { recursive: true })
}

/** Removes the cluster's cgroups, from the inside out; true where nothing of them is left. */
export function removeCgroups(): boolean {
  const left = cgroups().filter(existsSync)
  for (const path of left) removeTree(path)
  return !left.some(existsSync)
}

function removeTree(path: string): void {
  for (const entry of entriesOf(path)) removeTree(join(path, entry))
  removeEmpty(path)
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Somebody else uses it, or a process in it has not ended yet.
  }
}

/** A network of four addresses that the machine does not know: the machine's end and the node's. */
export async function freeNetwork(): Promise<{ readonly host: string; readonly node: string }> {
  const known = `${await run('ip', '-o', 'addr', 'show')}\n${await run('ip', 'route', 'show')}`
  for (let part = 77; part < 250; part += 1) {
    const prefix = `10.231.${part}.`
    if (!known.includes(` ${prefix}`)) return { host: `${prefix}1`, node: `${prefix}2` }
  }
  throw new EnvironmentError('every network that the cluster lab could use (10.231.77.0 to 10.231.249.0) is taken')
}

/** A cable from the machine into the network namespace of this process. It goes when the namespace goes. */
export async function connect(pid: number, interfaceInside: string, address: string): Promise<void> {
  const peer = ['peer', 'name', interfaceInside, 'netns', String(pid)]
  await run('ip', 'link', 'add', hostInterface, 'type', 'veth', ...peer)
  await run('ip', 'addr', 'add', `${address}/30`, 'dev', hostInterface)
  await run('ip', 'link', 'set', hostInterface, 'up')
}

/** Whether a cluster's cable is plugged in. */
export function isConnected(): boolean {
  return existsSync(`/sys/class/net/${hostInterface}`)
}

/**
 * Takes the cable out. A network namespace that nobody is in any more lives on for as long as the kernel waits for the
 * ends of its connections, which can be minutes; without the cable it is of no concern.
 */
export async function disconnect(): Promise<void> {
  if (!isConnected()) return
  try {
    await run('ip', 'link', 'delete', hostInterface)
  } catch (error) {
    // The namespace, and with it the cable, may go just now.
    if (isConnected()) throw error
  }
}

function isThere(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program)
  return (process.env.PATH ?? '').split(':').some(folder => folder !== '' && existsSync(join(folder, program)))
}
