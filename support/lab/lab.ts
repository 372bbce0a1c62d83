import { rmSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promtoolVariable } from '../drivers/promtool.ts'
import { EnvironmentError } from '../errors.ts'
import {
  isServer,
  isStoring,
  type LabSystemName,
  type ServerSystemName,
  type StoringSystemName,
} from '../system-names.ts'
import type { TargetFileInput } from '../target/schema.ts'
import { type Account, makeAccounts, type StorageAccounts } from './accounts.ts'
import type { Certificates } from './certificates.ts'
import { assertShortEnough, serveControl } from './control-server.ts'
import { bucketsFor } from './lab-buckets.ts'
import { type FaultyServer, type LabFault, LabFaults } from './lab-faults.ts'
import { choosePorts, type LabPorts, proxiedPorts } from './lab-ports.ts'
import { directoryPrefix, recordFile, writeRecord } from './lab-record.ts'
import { type LabSystem, portsByName, type SystemPlace, type SystemSettings } from './lab-system.ts'
import { labSystems, withNeeds } from './lab-systems.ts'
import { findProgram, type ServerProgram } from './program.ts'
import type { OnProgress } from './progress.ts'
import { startProxy } from './proxy/proxy.ts'
import type { LabIncident, ServerCommand } from './server-command.ts'
import { ServerProcess } from './server-process.ts'
import type { ServerName } from './servers.ts'
import { type LabAddresses, labEnvironment, labTarget, storageSecretVariable, targetYaml } from './target-file.ts'

export type { LabFault } from './lab-faults.ts'
export type { LabIncident } from './server-command.ts'

export interface LabOptions {
  /** The object storage runs beside any other; it is named where it shall run alone. */
  readonly systems: readonly LabSystemName[]
  /** The servers' usual ports, for a lab that a person works with; else any that are free. */
  readonly ports: 'free' | 'usual'
  /** Ends the start; a lab that has started is ended by disposing of it. */
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
  /** False leaves it to the servers' own timers when data reaches the bucket: a trace 2 to 13 s instead of up to 4 s. Default true. */
  readonly flush?: boolean
}

/** Real servers on this machine, started for one run. Disposing of it ends them and deletes all that they wrote. */
export interface Lab extends AsyncDisposable {
  /** A target file; the secrets that it names are in `environment`. */
  readonly targetFile: string
  readonly environment: Readonly<Record<string, string>>
  /** The version of every server that runs. */
  readonly versions: Readonly<Record<string, string>>
  /** What the servers write, their logs among it; deleted with the lab. */
  readonly directory: string
  /** Servers that ended by themselves, so far. */
  incidents(): readonly LabIncident[]
  /**
   * Brings a fault about, in place of any other. Returns when it is in force and the servers are ready again, or where the
   * fault keeps one from that, when it has ended or answered for 3 s that it is not. A server that the fault configures
   * otherwise is restarted as by a kill.
   */
  apply(fault: LabFault): Promise<void>
  /**
   * Takes every fault back. Returns when all servers are ready as at first. A server that was configured otherwise, and one
   * whose storage rules may have struck, is restarted as by a kill. What is in the bucket stays; what a server that was
   * configured otherwise held beside it is deleted.
   * @throws EnvironmentError where a server does not become ready
   */
  restore(): Promise<void>
  /** How often each rule that holds now has struck: of the last fault, or of what was sent to the control socket since. */
  strikes(): Promise<readonly number[]>
}

const region = 'us-east-1'
/** Beside the control socket that the target file names; described in support/drivers/control.ts. */
export const innerSocketName = 'lab.sock'

/**
 * Starts the servers that the systems need and returns when all of them are ready. What killed runs left behind is
 * ended by `endOrphans` of `orphans.ts`, which whoever starts a lab calls first.
 * @throws EnvironmentError where a program cannot be had, a port is taken or a server does not become ready
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  options.signal.throwIfAborted()
  const lab = await RunningLab.create(options)
  try {
    await lab.start()
    return lab
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    options.signal.throwIfAborted()
    throw isFull(error)
      ? new EnvironmentError(`the disk is full: the lab writes to ${tmpdir()}`, { cause: error })
      : error
  }
}

class RunningLab implements Lab {
  readonly directory: string
  readonly targetFile: string
  readonly #options: LabOptions
  readonly #servers: readonly ServerSystemName[]
  readonly #record: string
  readonly #resources = new AsyncDisposableStack()
  readonly #processes = new Map<string, ServerProcess>()
  readonly #accounts: StorageAccounts
  /** By the environment variables that name them. */
  #tools: Readonly<Record<string, string>> = {}
  #faults: LabFaults | undefined

  static async create(options: LabOptions): Promise<RunningLab> {
    // macOS's temporary folder is a symbolic link; its real path is what the servers tell.
    const systems = withNeeds(options.systems)
    return new RunningLab({ ...options, systems }, await mkdtemp(join(await realpath(tmpdir()), directoryPrefix)))
  }

  private constructor(options: LabOptions, directory: string) {
    this.#options = options
    this.#servers = options.systems.filter(isServer)
    this.#accounts = makeAccounts(this.#servers.filter(isStoring))
    this.directory = directory
    this.targetFile = join(directory, 'target.yaml')
    this.#record = recordFile(directory)
    this.#writeRecord()
    const lastResort = (): void => this.#endNow()
    process.once('exit', lastResort)
    this.#resources.defer(() => void process.removeListener('exit', lastResort))
    this.#resources.defer(async () => {
      await rm(this.directory, { recursive: true, force: true, maxRetries: 5 })
      rmSync(this.#record, { force: true })
    })
  }

  get environment(): Readonly<Record<string, string>> {
    return { ...(this.#processes.has('minio') ? labEnvironment(this.#accounts) : {}), ...this.#tools }
  }

  get versions(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#processes.values()].map(({ command }) => [command.name, command.version]))
  }

  incidents(): readonly LabIncident[] {
    return [...this.#processes.values()].flatMap(({ incidents }) => incidents).sort((a, b) => a.at.localeCompare(b.at))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync()
  }

  async start(): Promise<void> {
    const socket = join(this.directory, 'control.sock')
    const innerSocket = join(this.directory, innerSocketName)
    assertShortEnough(socket)
    this.#resources.use(await serveControl(innerSocket, { processes: this.#processes, rules: () => this.#faults }))
    const addresses = this.#options.systems.length === 0 ? {} : await this.#startSystems(socket, innerSocket)
    await writeFile(this.targetFile, targetYaml(labTarget(addresses)), { mode: 0o600 })
  }

  async apply(fault: LabFault): Promise<void> {
    await this.#breakable().apply(fault, this.#options.signal)
  }

  async restore(): Promise<void> {
    await this.#faults?.restore(this.#options.signal)
  }

  async strikes(): Promise<readonly number[]> {
    return (await this.#faults?.strikes()) ?? []
  }

  #breakable(): LabFaults {
    if (this.#faults === undefined) throw new EnvironmentError('the lab runs no server that a fault could strike')
    return this.#faults
  }

  async #startSystems(socket: string, innerSocket: string): Promise<LabAddresses> {
    const ports = await choosePorts(
      this.#options.ports,
      this.#servers.map(name => labSystems[name]),
    )
    const [programs, certificates] = await Promise.all([
      this.#findPrograms(),
      import('./certificates.ts').then(({ makeCertificates }) => makeCertificates()),
    ])
    const caFile = join(this.directory, 'ca.crt')
    await writeFile(caFile, certificates.authority)
    const proxying = startProxy({
      ports: proxiedPorts(ports, { listen: { socket }, upstream: { socket: innerSocket } }),
      certificates,
    })
    // Also where MinIO fails before the proxy has started.
    this.#resources.defer(async () => {
      const proxy = await proxying.catch(() => undefined)
      await proxy?.[Symbol.asyncDispose]()
    })
    await Promise.all([proxying, this.#startStorage(programs('minio'), ports, certificates)])
    const endpoint = new URL(`https://127.0.0.1:${ports.outer['minio.s3']}`)
    const storage = { endpoint, region, caFile }
    const starting = this.#servers.map(
      async name => await this.#startSystem(name, { program: programs(name), ports, storage, socket }),
    )
    // All of them are waited for, so that none is still starting when the lab ends.
    const started = await Promise.allSettled(starting)
    const running = started.map(result => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
    this.#faults = new LabFaults({
      proxy: await proxying,
      systems: new Map(running.map(({ name, faulty }) => [name, faulty])),
      processes: this.#processes,
    })
    return {
      storage: {
        ...storage,
        endpoint: endpoint.origin,
        version: programs('minio').version,
        accounts: this.#accounts,
      },
      systems: Object.fromEntries(running.map(({ name, entry }) => [name, entry])),
    }
  }

  async #startStorage(program: ServerProgram, { inner }: LabPorts, certificates: Certificates): Promise<void> {
    const { signal } = this.#options
    const port = portsByName(inner)('minio.s3')
    const { root } = this.#accounts
    const { minioCommand } = await import('./minio.ts')
    const command = await minioCommand({ program, directory: join(this.directory, 'minio'), port, certificates, root })
    // What is needed once MinIO answers is loaded while it starts.
    const [{ prepareStorage }] = await Promise.all([import('./minio-setup.ts'), this.#startServer(command)])
    const endpoint = new URL(`https://127.0.0.1:${port}`)
    const { authority: ca } = certificates
    const buckets = bucketsFor(this.#accounts.systems)
    await prepareStorage({ endpoint, ca, region, buckets, accounts: this.#accounts, signal })
  }

  async #startSystem(name: ServerSystemName, { program, ports, storage, socket }: SystemStart): Promise<RunningSystem> {
    const { flush = true } = this.#options
    const inner = portsByName(ports.inner)
    const asked = portsByName(ports.outer)
    const directory = join(this.directory, name)
    const settings = { program, directory, ports: inner, asked, flushedByLab: flush }
    const place = {
      ports: asked,
      listens: inner,
      directory,
      workload: { kind: 'LabProcess' as const, socket, name },
      version: program.version,
    }
    const { command, entry } = isStoring(name)
      ? this.#storing(name, storage, place)
      : { command: labSystems[name].command, entry: labSystems[name].entry(place) }
    const commandUnder: FaultyServer['command'] = async fault =>
      await command({ ...settings, ...(fault === undefined ? {} : { fault }) })
    const server = await this.#startServer(await commandUnder())
    const { unstored, flush: flushing }: LabSystem = labSystems[name]
    if (flush && flushing !== undefined) this.#resources.use(flushing(inner))
    return { name, entry, faulty: { process: server, command: commandUnder, unstored } }
  }

  /** What a system is started with, and what is said of it, where it keeps its data in a bucket. */
  #storing(
    name: StoringSystemName,
    place: SystemStart['storage'],
    system: SystemPlace,
  ): { command: (settings: SystemSettings) => Promise<ServerCommand>; entry: RunningSystem['entry'] } {
    const account = accountOf(name, this.#accounts)
    const { bucket, command, entry } = labSystems[name]
    const storage = { ...place, bucket, account }
    return {
      command: async settings => await command({ ...settings, storage }),
      entry: entry({
        ...system,
        bucket,
        storageUser: account.user,
        storageSecretKey: { env: storageSecretVariable(name) },
      }),
    }
  }

  /** One after the other: two builds at once would only take each other's processors. */
  async #findPrograms(): Promise<(name: ServerName) => ServerProgram> {
    const programs = new Map<ServerName, ServerProgram>()
    const tools = this.#servers.flatMap(name => labSystems[name].tools)
    for (const name of new Set<ServerName>(['minio', ...this.#servers, ...tools]))
      programs.set(name, await findProgram(name, this.#options))
    this.#tools = Object.fromEntries(tools.map(name => [toolVariable(name), programs.get(name)?.path ?? '']))
    return name => programs.get(name) ?? missing(name)
  }

  async #startServer(command: ServerCommand): Promise<ServerProcess> {
    const { signal, onProgress } = this.#options
    const started = performance.now()
    const server = new ServerProcess(command, () => this.#writeRecord())
    this.#processes.set(command.name, server)
    this.#resources.use(server)
    onProgress({ server: command.name, stage: 'starting', elapsedMs: 0 })
    await server.start(signal)
    onProgress({ server: command.name, stage: 'ready', elapsedMs: performance.now() - started })
    return server
  }

  #writeRecord(): void {
    const servers = [...this.#processes.values()].flatMap(({ command, pid }) =>
      pid === undefined ? [] : [{ name: command.name, program: command.program, pid }],
    )
    writeRecord(this.#record, this.directory, servers)
  }

  /** For a process that ends without disposing of its lab; nothing can be awaited any more. */
  #endNow(): void {
    for (const server of this.#processes.values()) server.kill()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 })
    rmSync(this.#record, { force: true })
  }
}

interface SystemStart {
  readonly program: ServerProgram
  readonly ports: LabPorts
  readonly storage: { readonly endpoint: URL; readonly region: string; readonly caFile: string }
  readonly socket: string
}

interface RunningSystem {
  readonly name: ServerSystemName
  readonly entry: NonNullable<TargetFileInput['systems'][ServerSystemName]>
  readonly faulty: FaultyServer
}

function accountOf(name: StoringSystemName, { systems }: StorageAccounts): Account {
  return systems[name] ?? missing(name)
}

function missing(name: string): never {
  throw new Error(`the lab was not made for ${name}`)
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC'
}

/** The environment variable by which a driver is told of a tool's program. */
function toolVariable(name: ServerName): string {
  if (name === 'promtool') return promtoolVariable
  throw new Error(`no driver uses ${name} as a tool`)
}
