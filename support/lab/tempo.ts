import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, parseDocument } from 'yaml'
import type { ServerFault } from '../faults/fault.ts'
import type { Account } from './accounts.ts'
import type { ServerProgram } from './program.ts'
import { httpReadiness } from './readiness.ts'
import type { ServerCommand } from './server-command.ts'
import { labFixtures } from './servers.ts'

export interface TempoPorts {
  readonly http: number
  /** Tempo's own components talk to each other over it. */
  readonly internalGrpc: number
  readonly otlpGrpc: number
  readonly otlpHttp: number
}

export interface TempoSettings {
  readonly program: ServerProgram
  readonly directory: string
  readonly ports: TempoPorts
  /** Whether the lab will ask it to flush (`flush.ts`). */
  readonly flushedByLab: boolean
  /** What a fault makes different about it. */
  readonly fault?: ServerFault
  readonly storage: {
    readonly endpoint: URL
    readonly caFile: string
    readonly region: string
    readonly bucket: string
    readonly account: Account
  }
}

/** Tempo as a single process with its blocks in the lab's object storage; `fixtures/lab/tempo.yaml` with what is this lab's filled in. */
export async function tempoCommand(settings: TempoSettings): Promise<ServerCommand> {
  const { program, directory, fault } = settings
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const configuration = parseDocument(await readFile(`${labFixtures}tempo.yaml`, 'utf8'))
  fillIn(configuration, settings)
  for (const [path, value] of Object.entries(fault?.configuration ?? {})) configuration.setIn(path.split('.'), value)
  const file = join(directory, 'tempo.yaml')
  // It holds the storage password.
  await writeFile(file, configuration.toString(), { mode: 0o600 })
  return {
    name: 'tempo',
    version: program.version,
    program: program.path,
    arguments: [`-config.file=${file}`],
    // As in a container with a limit of 1 GiB whose Go runtime is told so: without it, how much garbage Tempo holds is chance.
    environment: changed({ GOMEMLIMIT: '768MiB' }, fault?.environment ?? {}),
    directory,
    logFile: join(directory, 'tempo.log'),
    // Where a fault moved it, it is asked there: that others do not find it is not that it does not run.
    isReady: httpReadiness(`http://127.0.0.1:${configuration.getIn(['server', 'http_listen_port'])}/ready`),
    ...(fault === undefined ? {} : { loses: fault.loses, staysDown: fault.staysDown }),
  }
}

function changed(
  environment: Readonly<Record<string, string>>,
  by: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all = Object.entries({ ...environment, ...by })
  return Object.fromEntries(all.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

function fillIn(configuration: Document, { directory, ports, storage, flushedByLab }: TempoSettings): void {
  const values: [path: string, value: unknown][] = [
    ['server.http_listen_port', ports.http],
    ['server.grpc_listen_port', ports.internalGrpc],
    ['querier.frontend_worker.frontend_address', `127.0.0.1:${ports.internalGrpc}`],
    ['distributor.receivers.otlp.protocols.grpc.endpoint', `127.0.0.1:${ports.otlpGrpc}`],
    ['distributor.receivers.otlp.protocols.http.endpoint', `127.0.0.1:${ports.otlpHttp}`],
    ['storage.trace.wal.path', join(directory, 'wal')],
    ['storage.trace.local.path', join(directory, 'blocks')],
    ['storage.trace.s3.endpoint', storage.endpoint.host],
    ['storage.trace.s3.tls_ca_path', storage.caFile],
    ['storage.trace.s3.region', storage.region],
    ['storage.trace.s3.bucket', storage.bucket],
    ['storage.trace.s3.access_key', storage.account.user],
    ['storage.trace.s3.secret_key', storage.account.password.reveal()],
  ]
  // A block that Tempo's own timer cuts first would have to wait out its random delay.
  if (flushedByLab) values.push(['ingester.max_block_duration', '30m'], ['ingester.complete_block_timeout', '6s'])
  for (const [path, value] of values) configuration.setIn(path.split('.'), value)
}
