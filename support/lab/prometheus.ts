import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { environmentUnder, writeConfiguration } from './configuration.ts'
import type { LabSystem, SystemSettings } from './lab-system.ts'
import { httpReadiness } from './readiness.ts'

/** The tenant of Mimir to which it writes; `fixtures/lab/prometheus.yaml` has it too. */
const tenant = 'prometheus'
const folderOfTargets = 'targets'

/** Prometheus, which scrapes what scenarios expose and writes it to the lab's Mimir; `fixtures/lab/prometheus.yaml` with what is this lab's filled in. */
export const prometheus: LabSystem<'prometheus'> = {
  ports: [{ name: 'prometheus.http', usual: 9090, use: 'Prometheus' }],
  ownPorts: [],
  needs: ['mimir'],
  tools: [],
  unstored: ['data'],
  command: async settings => {
    const { program, directory, fault, ports } = settings
    const { file } = await writeConfiguration({ name: 'prometheus', directory, values: valuesOf(settings), fault })
    await mkdir(join(directory, folderOfTargets), { recursive: true })
    const address = `127.0.0.1:${ports('prometheus.http')}`
    return {
      name: 'prometheus',
      version: program.version,
      program: program.path,
      arguments: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=${address}`,
        '--web.enable-lifecycle',
        '--web.enable-remote-write-receiver',
        // Hidden in its help; the default lets a new target wait for 5 s.
        '--scrape.discovery-reload-interval=100ms',
        '--log.level=info',
      ],
      environment: environmentUnder({ GOMEMLIMIT: '512MiB' }, fault),
      directory,
      logFile: join(directory, 'prometheus.log'),
      isReady: httpReadiness(`http://${address}/-/ready`),
      ...(fault === undefined ? {} : { loses: fault.loses, staysDown: fault.staysDown }),
    }
  },
  entry: ({ ports, workload, version, directory }) => ({
    http: `http://127.0.0.1:${ports('prometheus.http')}`,
    tenant,
    discovery: { folder: join(directory, folderOfTargets) },
    workload,
    version,
  }),
}

function valuesOf({ directory, ports, asked }: SystemSettings): [path: string, value: unknown][] {
  return [
    ['scrape_configs.0.file_sd_configs.0.files', [join(directory, folderOfTargets, '*.json')]],
    ['scrape_configs.1.static_configs.0.targets', [`127.0.0.1:${ports('prometheus.http')}`]],
    // Through the proxy, so that faults can strike what it writes.
    ['remote_write.0.url', `http://127.0.0.1:${asked('mimir.http')}/api/v1/push`],
  ]
}
