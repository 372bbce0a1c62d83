import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '../errors.ts'
import { findProgram } from '../lab/program.ts'
import type { OnProgress } from '../lab/progress.ts'
import { logTail } from '../lab/server-log.ts'
import { clusterPrograms, type ServerName } from '../lab/servers.ts'
import { identifyProcess, isRunning } from '../process-identity.ts'
import { containerdSocket } from './components.ts'
import {
  connect,
  disconnect,
  freeNetwork,
  isConnected,
  makeCgroups,
  makeMountPoints,
  removeCgroups,
  removeMountPoints,
  requireHost,
} from './host.ts'
import { busyboxRecipe, type ImageRecipe, imageArchive, importImage, programRecipe } from './images.ts'
import { kubectl } from './kubectl.ts'
import { type ClusterPlace, clusterPlace, nodeInterface, nodeName } from './place.ts'
import { type ClusterRecord, readRecord, readTunables, restoreTunables, writeRecord } from './record.ts'
import { type ClusterEvent, readEvents, writeSettings } from './settings.ts'

const supervisor = fileURLToPath(new URL('supervisor.ts', import.meta.url))
const manifests = fileURLToPath(new URL('../../fixtures/cluster/system', import.meta.url))

/** Systems that run in pods; their images hold the programs that the lab runs as processes too. */
const inPods = ['coredns', 'minio', 'tempo', 'mimir', 'prometheus'] as const satisfies readonly ServerName[]
const upTimeoutMs = 120_000
const downTimeoutMs = 30_000
const pauseMs = 50

export interface ClusterOptions {
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
  readonly place?: ClusterPlace
}

/**
 * Boots the cluster of this machine, or waits for one that boots already; returns when its node is Ready and names are
 * resolved in it. It goes on running when this process ends.
 * @throws EnvironmentError where the machine cannot have one, or a part does not become ready
 */
export async function bootCluster(options: ClusterOptions): Promise<ClusterPlace> {
  const { signal, place = clusterPlace() } = options
  requireHost()
  if (!isUp(place)) {
    await removeCluster(place)
    await begin(place, options)
  }
  await followStart(place, options)
  const { path } = await findProgram('kubectl', options)
  const control = kubectl(path, place, signal)
  await control('apply', '--server-side', '--force-conflicts', '--kustomize', manifests)
  await control('wait', '--for=condition=Ready', `node/${nodeName}`, '--timeout=60s')
  await control('--namespace=kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s')
  return place
}

/** Whether a cluster runs, or is being started. */
export function isUp(place: ClusterPlace = clusterPlace()): boolean {
  const keeper = readRecord(place.record)?.keeper
  return keeper !== undefined && isRunning(keeper)
}

/**
 * Ends the cluster of this machine and removes everything that it made; also what one left behind that was killed.
 * Returns whether there was one.
 * @throws EnvironmentError where something of it cannot be removed
 */
export async function removeCluster(place: ClusterPlace = clusterPlace()): Promise<boolean> {
  const record = readRecord(place.record)
  if (record === undefined) {
    rmSync(place.folder, { recursive: true, force: true })
    return false
  }
  const { keeper } = record
  if (keeper !== undefined && isRunning(keeper)) process.kill(keeper.pid, 'SIGKILL')
  // The kernel ends every process of the namespaces and takes down their mounts.
  const deadline = performance.now() + downTimeoutMs
  const left = (): string[] => [
    ...(keeper !== undefined && isRunning(keeper) ? ['its processes'] : []),
    ...(removeCgroups() ? [] : ['its cgroups']),
  ]
  for (let remaining = left(); remaining.length > 0; remaining = left()) {
    if (performance.now() > deadline)
      throw new EnvironmentError(`the cluster cannot be removed: ${remaining.join(', ')} stayed`)
    await pause(pauseMs)
  }
  await disconnect()
  restoreTunables(record.tunables)
  removeMountPoints(record.made)
  rmSync(place.folder, { recursive: true, force: true })
  return true
}

/** Gives one more image to a cluster that runs. @throws EnvironmentError where it does not run, or cannot take it */
export async function addImage(place: ClusterPlace, recipe: ImageRecipe): Promise<void> {
  const keeper = readRecord(place.record)?.keeper
  if (keeper === undefined) throw new EnvironmentError('the cluster does not run: npm run cluster -- up')
  const file = await imageArchive(recipe, join(place.folder, 'images'))
  // Its containerd listens in a mount namespace of its own.
  await importImage(`/proc/${keeper.pid}/root${containerdSocket}`, file)
  rmSync(file)
}

async function begin(place: ClusterPlace, { signal, onProgress }: ClusterOptions): Promise<void> {
  const programs = await findPrograms({ signal, onProgress })
  const images: string[] = []
  for (const recipe of await recipes(programs)) {
    signal.throwIfAborted()
    images.push(await imageArchive(recipe))
  }
  if (isConnected())
    throw new EnvironmentError(
      'another cluster lab of this machine runs; npm run cluster -- down, as who started it, ends it',
    )
  mkdirSync(place.folder, { recursive: true, mode: 0o700 })
  const { host, node } = await freeNetwork()
  const record = { made: makeMountPoints(), tunables: readTunables() }
  writeRecord(place.record, record)
  makeCgroups()
  const { folder } = place
  const ofCluster = Object.fromEntries(clusterPrograms.map(name => [name, programs(name)]))
  writeSettings({
    folder,
    hostAddress: host,
    nodeAddress: node,
    programs: ofCluster as Record<(typeof clusterPrograms)[number], ReturnType<typeof programs>>,
    images,
  })
  await enterNamespaces(place, record, host)
}

/** Starts the supervisor in namespaces of its own, as a process that this one does not wait for. */
async function enterNamespaces(
  place: ClusterPlace,
  record: Omit<ClusterRecord, 'keeper'>,
  hostAddress: string,
): Promise<void> {
  const log = openSync(place.log, 'a', 0o600)
  // A shell is the first process: it takes in the orphans of containerd, which Node does not.
  const first = ['sh', '-c', '"$0" "$@"; exit $?', process.execPath, supervisor, place.folder]
  const child = spawn('unshare', ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', ...first], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  })
  closeSync(log)
  child.unref()
  const { pid } = child
  if (pid === undefined) throw new EnvironmentError('unshare could not be started')
  writeRecord(place.record, { ...record, keeper: identifyProcess(pid) ?? { pid } })
  await connect(await firstProcess(child, pid, place), nodeInterface, hostAddress)
}

/** The number, outside, of the process that is the first one inside. */
async function firstProcess(child: ChildProcess, pid: number, place: ClusterPlace): Promise<number> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const children = readChildren(pid)
    if (children !== undefined) return children
    if (child.exitCode !== null || performance.now() > deadline)
      throw new EnvironmentError(`no namespaces could be made: ${logTail(place.log)}`)
    await pause(5)
  }
}

function readChildren(pid: number): number | undefined {
  try {
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
    // It is in its namespaces once it is no longer unshare itself.
    const name = readFileSync(`/proc/${first}/comm`, 'utf8').trim()
    return first !== undefined && first !== '' && name !== 'unshare' ? Number(first) : undefined
  } catch {
    return undefined
  }
}

async function followStart(place: ClusterPlace, { signal, onProgress }: ClusterOptions): Promise<void> {
  const deadline = performance.now() + upTimeoutMs
  let told = 0
  for (;;) {
    signal.throwIfAborted()
    const events = readEvents(place.events)
    for (const event of events.slice(told)) {
      if ('failed' in event) throw new EnvironmentError(`the cluster did not start: ${event.failed}`)
      if ('started' in event) onProgress({ server: event.started, stage: 'ready', elapsedMs: event.elapsedMs })
      else return
    }
    told = events.length
    if (!isUp(place)) throw new EnvironmentError(`the cluster ended while it started: ${logTail(place.log)}`)
    if (performance.now() > deadline)
      throw new EnvironmentError(
        `the cluster was not up after ${upTimeoutMs / 1_000} s; ready: ${startedIn(events)}; its logs are in ${join(place.folder, 'log')}, and npm run cluster -- down ends it`,
      )
    await pause(pauseMs, undefined, { signal })
  }
}

function startedIn(events: readonly ClusterEvent[]): string {
  return events.flatMap(event => ('started' in event ? [event.started] : [])).join(', ') || 'nothing'
}

async function findPrograms(search: { signal: AbortSignal; onProgress: OnProgress }) {
  const found = new Map<ServerName, { path: string; version: string }>()
  for (const name of new Set<ServerName>([...clusterPrograms, ...inPods]))
    found.set(name, await findProgram(name, search))
  return (name: ServerName) => {
    const program = found.get(name)
    if (program === undefined) throw new Error(`no program of ${name} was looked for`)
    return program
  }
}

async function recipes(programs: (name: ServerName) => { path: string; version: string }): Promise<ImageRecipe[]> {
  return [await busyboxRecipe(), ...inPods.map(name => programRecipe(name, programs(name)))]
}
