import { join } from 'node:path'
import { environmentUnder, writeConfiguration } from './configuration.ts'
import { flushRegularly } from './flush.ts'
import type { LabSystem, StoringSettings } from './lab-system.ts'
import { httpReadiness } from './readiness.ts'

/** Tempo as a single process with its blocks in the lab's object storage; `fixtures/lab/tempo.yaml` with what is this lab's filled in. */
export const tempo: LabSystem<'tempo'> = {
  ports: [
    { name: 'tempo.http', usual: 3200, use: 'Tempo HTTP' },
    { name: 'tempo.otlp-grpc', usual: 4317, use: 'Tempo OTLP gRPC' },
    { name: 'tempo.otlp-http', usual: 4318, use: 'Tempo OTLP HTTP' },
  ],
  ownPorts: ['tempo.internal-grpc'],
  bucket: 'tempo-traces',
  needs: [],
  tools: [],
  unstored: ['wal', 'blocks'],
  command: async settings => {
    const { program, directory, fault } = settings
    const { file, configuration } = await writeConfiguration({
      name: 'tempo',
      directory,
      values: valuesOf(settings),
      fault,
    })
    return {
      name: 'tempo',
      version: program.version,
      program: program.path,
      arguments: [`-config.file=${file}`],
      // As in a container with a limit of 1 GiB whose Go runtime is told so: without it, how much garbage Tempo holds is chance.
      environment: environmentUnder({ GOMEMLIMIT: '768MiB' }, fault),
      directory,
      logFile: join(directory, 'tempo.log'),
      // Where a fault moved it, it is asked there: that others do not find it is not that it does not run.
      isReady: httpReadiness(`http://127.0.0.1:${configuration.getIn(['server', 'http_listen_port'])}/ready`),
      ...(fault === undefined ? {} : { loses: fault.loses, staysDown: fault.staysDown }),
    }
  },
  entry: ({ ports, listens, bucket, storageUser, storageSecretKey, workload, version }) => ({
    http: `http://127.0.0.1:${ports('tempo.http')}`,
    otlpGrpc: `http://127.0.0.1:${ports('tempo.otlp-grpc')}`,
    otlpHttp: `http://127.0.0.1:${ports('tempo.otlp-http')}`,
    otlpGrpcPort: listens('tempo.otlp-grpc'),
    bucket,
    storageUser,
    storageSecretKey,
    workload,
    version,
  }),
  // By itself Tempo waits a random time of up to 10 s between cutting a block and writing it to the bucket, and that
  // cannot be configured (`flushJitter` in modules/ingester/flush.go); a flush on request does not wait.
  flush: ports => flushRegularly(`http://127.0.0.1:${ports('tempo.http')}/flush`),
}

function valuesOf({ directory, ports, storage, flushedByLab }: StoringSettings): [path: string, value: unknown][] {
  const internal = ports('tempo.internal-grpc')
  return [
    ['server.http_listen_port', ports('tempo.http')],
    ['server.grpc_listen_port', internal],
    ['querier.frontend_worker.frontend_address', `127.0.0.1:${internal}`],
    ['distributor.receivers.otlp.protocols.grpc.endpoint', `127.0.0.1:${ports('tempo.otlp-grpc')}`],
    ['distributor.receivers.otlp.protocols.http.endpoint', `127.0.0.1:${ports('tempo.otlp-http')}`],
    ['storage.trace.wal.path', join(directory, 'wal')],
    ['storage.trace.local.path', join(directory, 'blocks')],
    ['storage.trace.s3.endpoint', storage.endpoint.host],
    ['storage.trace.s3.tls_ca_path', storage.caFile],
    ['storage.trace.s3.region', storage.region],
    ['storage.trace.s3.bucket', storage.bucket],
    ['storage.trace.s3.access_key', storage.account.user],
    ['storage.trace.s3.secret_key', storage.account.password.reveal()],
    // A block that Tempo's own timer cuts first would have to wait out its random delay.
    ...(flushedByLab
      ? ([
          ['ingester.max_block_duration', '30m'],
          ['ingester.complete_block_timeout', '6s'],
        ] as [string, unknown][])
      : []),
  ]
}
