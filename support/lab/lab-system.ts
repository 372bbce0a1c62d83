import type { ServerFault } from '../faults/fault.ts'
import type { PortName } from '../faults/ports.ts'
import type { TargetFileInput } from '../target/schema.ts'
import type { SystemName } from '../target/target.ts'
import type { Account } from './accounts.ts'
import type { ServerProgram } from './program.ts'
import type { ServerCommand } from './server-command.ts'
import type { ServerName } from './servers.ts'

/** A port on which the lab is asked; the proxy stands before it. */
export interface AskedPort {
  readonly name: PortName
  /** Where those who know the product expect it; a lab that a person works with is there. */
  readonly usual: number
  /** For people: `Tempo OTLP gRPC`. */
  readonly use: string
}

/** Where the lab's object storage is, as one system reaches it. */
interface SystemStorage {
  readonly endpoint: URL
  readonly caFile: string
  readonly region: string
  readonly bucket: string
  readonly account: Account
}

export interface SystemSettings {
  readonly program: ServerProgram
  /** Its own; made where it is not there yet. */
  readonly directory: string
  /** On which its server listens, by the names of `ports` and `ownPorts`. */
  readonly ports: PortsByName
  /** Whether the lab will ask it to flush. */
  readonly flushedByLab: boolean
  /** What a fault makes different about it. */
  readonly fault?: ServerFault
  readonly storage: SystemStorage
}

export type PortsByName = (name: string) => number

/** What of a system that runs goes into the target file. */
interface SystemPlace {
  /** On which it is asked. */
  readonly ports: PortsByName
  /** On which its server listens, as its own configuration tells. */
  readonly listens: PortsByName
  readonly bucket: string
  readonly storageUser: string
  readonly workload: { readonly kind: 'LabProcess'; readonly socket: string; readonly name: string }
  readonly version: string
}

/** A system that the lab can run, as one process. */
export interface LabSystem<Name extends SystemName = SystemName> {
  readonly ports: readonly AskedPort[]
  /** What else it listens on: its own parts talk to each other over it. */
  readonly ownPorts: readonly string[]
  readonly bucket: string
  /** Programs by which scenarios look at what it keeps. */
  readonly tools: readonly ServerName[]
  /** Names below its folder of what it has acknowledged but not stored yet. */
  readonly unstored: readonly string[]
  command(settings: SystemSettings): Promise<ServerCommand>
  entry(place: SystemPlace): NonNullable<TargetFileInput['systems'][Name]>
  /** Has it store what it holds every few seconds, until that is disposed of. */
  flush?(ports: PortsByName): AsyncDisposable
}

/** @throws Error for a name that no port has */
export function portsByName(ports: Readonly<Record<string, number>>): PortsByName {
  return name => {
    const port = ports[name]
    if (port === undefined) throw new Error(`no port is called ${name}`)
    return port
  }
}
