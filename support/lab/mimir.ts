import { join } from 'node:path'
import { environmentUnder, writeConfiguration } from './configuration.ts'
import type { LabSystem, StoringSettings } from './lab-system.ts'
import { httpReadiness } from './readiness.ts'

/** Mimir as a single process of many tenants, with its blocks in the lab's object storage; `fixtures/lab/mimir.yaml` with what is this lab's filled in. */
export const mimir: LabSystem<'mimir'> = {
  ports: [{ name: 'mimir.http', usual: 9009, use: 'Mimir' }],
  ownPorts: ['mimir.internal-grpc', 'mimir.gossip'],
  bucket: 'mimir-blocks',
  needs: [],
  tools: ['promtool'],
  unstored: ['tsdb'],
  command: async settings => {
    const { program, directory, fault } = settings
    const { file, configuration } = await writeConfiguration({
      name: 'mimir',
      directory,
      values: valuesOf(settings),
      fault,
    })
    return {
      name: 'mimir',
      version: program.version,
      program: program.path,
      arguments: [`-config.file=${file}`],
      // As in a container with a limit of 1.5 GiB whose Go runtime is told so; and it trusts the lab's authority.
      environment: environmentUnder({ GOMEMLIMIT: '1152MiB', SSL_CERT_FILE: settings.storage.caFile }, fault),
      directory,
      logFile: join(directory, 'mimir.log'),
      isReady: httpReadiness(`http://127.0.0.1:${configuration.getIn(['server', 'http_listen_port'])}/ready`),
      ...(fault === undefined ? {} : { loses: fault.loses, staysDown: fault.staysDown }),
    }
  },
  entry: ({ ports, listens, bucket, storageUser, storageSecretKey, workload, version }) => ({
    http: `http://127.0.0.1:${ports('mimir.http')}`,
    httpPort: listens('mimir.http'),
    multiTenant: true,
    bucket,
    prefix: 'blocks',
    storageUser,
    storageSecretKey,
    workload,
    version,
  }),
}

function valuesOf({ directory, ports, storage }: StoringSettings): [path: string, value: unknown][] {
  const s3 = 'common.storage.s3'
  return [
    ['server.http_listen_port', ports('mimir.http')],
    ['server.grpc_listen_port', ports('mimir.internal-grpc')],
    ['memberlist.bind_port', ports('mimir.gossip')],
    [`${s3}.endpoint`, storage.endpoint.host],
    [`${s3}.region`, storage.region],
    [`${s3}.bucket_name`, storage.bucket],
    [`${s3}.access_key_id`, storage.account.user],
    [`${s3}.secret_access_key`, storage.account.password.reveal()],
    ['blocks_storage.tsdb.dir', join(directory, 'tsdb')],
    ['blocks_storage.bucket_store.sync_dir', join(directory, 'sync')],
    ['compactor.data_dir', join(directory, 'compactor')],
    ['ruler.rule_path', join(directory, 'rules')],
    ['alertmanager.data_dir', join(directory, 'alertmanager')],
    ['activity_tracker.filepath', join(directory, 'activity.log')],
  ]
}
