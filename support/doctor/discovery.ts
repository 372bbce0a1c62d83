import { dirname } from 'node:path'
import { describeDiscovery } from '../drivers/discovery.ts'
import type { PrometheusConfiguration } from '../drivers/prometheus.ts'
import type { Discovery } from '../target/target.ts'
import type { Finding } from './finding.ts'

/** Whether a Prometheus looks for targets where the target file says that the suite leaves them. */
export function discoveryFinding(
  discovery: Discovery,
  { discoveredBy }: Pick<PrometheusConfiguration, 'discoveredBy'>,
): Finding {
  const finding = { about: 'prometheus', what: `discovers targets of scenarios in ${describeDiscovery(discovery)}` }
  if ('folder' in discovery) {
    if (discoveredBy.files.some(pattern => dirname(pattern) === discovery.folder)) return finding
    const problem = 'none of its file_sd_configs reads files of this folder'
    return { ...finding, problem, advice: `add a job acceptance with files: ["${discovery.folder}/*.json"]` }
  }
  if (discoveredBy.urls.some(url => leadsTo(discovery, new URL(url)))) return finding
  const problem = 'none of its http_sd_configs asks /targets there'
  return {
    ...finding,
    problem,
    advice: 'add the job acceptance of fixtures/cluster/base/prometheus/configuration.yaml',
  }
}

/** Prometheus may call a Service by any of its names, and a server that is no Service as it likes. */
function leadsTo({ service: { service } }: Exclude<Discovery, { folder: string }>, url: URL): boolean {
  if (url.pathname !== '/targets') return false
  const first = (host: string) => host.split('.')[0]
  return service === undefined || (first(url.hostname) === first(service.host) && Number(url.port) === service.port)
}
