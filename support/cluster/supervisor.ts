import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describeError, EnvironmentError } from '../errors.ts'
import { ServerProcess } from '../lab/server-process.ts'
import { makeCredentials } from './authorities.ts'
import { containerdSocket, nodeCommands } from './components.ts'
import { mountPoints, run } from './host.ts'
import { importImage } from './images.ts'
import { clusterPlace, nodeInterface } from './place.ts'
import { type NodeSettings, readSettings, tellEvent } from './settings.ts'

/**
 * Runs a Kubernetes of one node, in mount, network and process namespaces of its own that `cluster up` made for it: they
 * and everything in them end with it. Its one argument is the folder with its settings.
 */

const cableTimeoutMs = 10_000

const folder = process.argv[2] ?? ''
const { events } = clusterPlace(folder)
const startedAt = performance.now()
const elapsedMs = (): number => Math.round(performance.now() - startedAt)
const forever = new AbortController().signal

try {
  const settings = readSettings(folder)
  await layMounts()
  await joinNetwork(settings)
  await startParts(settings)
  tellEvent(events, { up: true, elapsedMs: elapsedMs() })
} catch (error) {
  tellEvent(events, { failed: describeError(error) })
  process.exit(1)
}

async function startParts({ nodeAddress, programs, images }: NodeSettings): Promise<void> {
  const credentials = await makeCredentials(join(folder, 'credentials'), nodeAddress)
  const rows = await nodeCommands({ folder, credentials, address: nodeAddress, program: name => programs[name] })
  let importing: Promise<void> | undefined
  for (const row of rows) {
    await Promise.all(
      row.map(async command => {
        await new ServerProcess(command).start(forever)
        tellEvent(events, { started: command.name, elapsedMs: elapsedMs() })
      }),
    )
    // As soon as containerd runs, beside what is started next.
    importing ??= importAll(images)
    importing.catch(() => undefined)
  }
  await importing
}

async function importAll(images: readonly string[]): Promise<void> {
  for (const file of images) await importImage(containerdSocket, file)
}

/** What containerd and Kubernetes keep in places that cannot be configured lies in the folder of this cluster. */
async function layMounts(): Promise<void> {
  await run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
  for (const path of mountPoints) {
    const own = join(folder, 'mounts', basename(path))
    mkdirSync(own, { recursive: true })
    await run('mount', '--bind', own, path)
  }
  mkdirSync(join(folder, 'log'), { recursive: true })
}

async function joinNetwork({ hostAddress, nodeAddress }: NodeSettings): Promise<void> {
  await run('ip', 'link', 'set', 'lo', 'up')
  const deadline = performance.now() + cableTimeoutMs
  while (!(await isPlugged())) {
    if (performance.now() > deadline) throw new EnvironmentError('no cable came into the network of the cluster')
    await pause(20)
  }
  await run('ip', 'addr', 'add', `${nodeAddress}/30`, 'dev', nodeInterface)
  await run('ip', 'link', 'set', nodeInterface, 'up')
  await run('ip', 'route', 'add', 'default', 'via', hostAddress)
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
}

/** /sys still shows the network of the machine. */
async function isPlugged(): Promise<boolean> {
  return await run('ip', 'link', 'show', nodeInterface).then(
    () => true,
    () => false,
  )
}
