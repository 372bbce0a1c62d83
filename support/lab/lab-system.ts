import type { ServerFault } from '../faults/fault.ts'
import type { PortName } from '../faults/ports.ts'
import type { ServerSystemName, StoringSystemName } from '../system-names.ts'
import type { SecretReference, TargetFileInput } from '../target/schema.ts'
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
  /** On which the lab is asked, those of other systems among them. */
  readonly asked: PortsByName
  /** Whether the lab will ask it to flush. */
  readonly flushedByLab: boolean
  /** What a fault makes different about it. */
  readonly fault?: ServerFault
}

/** The settings of a system that keeps its data in object storage. */
export interface StoringSettings extends SystemSettings {
  readonly storage: SystemStorage
}

export type PortsByName = (name: string) => number

/** What of a system that runs goes into the target file. */
export interface SystemPlace {
  /** On which it is asked. */
  readonly ports: PortsByName
  /** On which its server listens, as its own configuration tells. */
  readonly listens: PortsByName
  /** Its own, where its server writes. */
  readonly directory: string
  readonly workload: { readonly kind: 'LabProcess'; readonly socket: string; readonly name: string }
  readonly version: string
}

interface StoringPlace extends SystemPlace {
  readonly bucket: string
  readonly storageUser: string
  /** Where its secret key is found. */
  readonly storageSecretKey: SecretReference
}

/** What every system of the lab has. */
interface AnyLabSystem {
  readonly ports: readonly AskedPort[]
  /** What else it listens on: its own parts talk to each other over it. */
  readonly ownPorts: readonly string[]
  /** Systems without which it makes no sense; the lab runs them too. */
  readonly needs: readonly ServerSystemName[]
  /** Programs by which scenarios look at what it keeps. */
  readonly tools: readonly ServerName[]
  /** Names below its folder of what it has acknowledged but not stored yet. */
  readonly unstored: readonly string[]
  /** Has it store what it holds every few seconds, until that is disposed of. */
  flush?(ports: PortsByName): AsyncDisposable
}

/** A system that keeps its data in a bucket, with an account of its own. */
interface StoringLabSystem<Name extends ServerSystemName> extends AnyLabSystem {
  readonly bucket: string
  command(settings: StoringSettings): Promise<ServerCommand>
  entry(place: StoringPlace): NonNullable<TargetFileInput['systems'][Name]>
}

/** A system that keeps nothing in object storage. */
interface PlainLabSystem<Name extends ServerSystemName> extends AnyLabSystem {
  readonly bucket?: undefined
  command(settings: SystemSettings): Promise<ServerCommand>
  entry(place: SystemPlace): NonNullable<TargetFileInput['systems'][Name]>
}

/** A system that the lab can run, as one process. */
export type LabSystem<Name extends ServerSystemName = ServerSystemName> = Name extends StoringSystemName
  ? StoringLabSystem<Name>
  : PlainLabSystem<Name>

/** @throws Error for a name that no port has */
export function portsByName(ports: Readonly<Record<string, number>>): PortsByName {
  return name => {
    const port = ports[name]
    if (port === undefined) throw new Error(`no port is called ${name}`)
    return port
  }
}
