import {
  forwardKey,
  hostOf,
  parseServiceAddress,
  type ServiceAddress,
  type UsedService,
  urlOfService,
} from './service-address.ts'
import type { Address, Cluster } from './target.ts'

/** The variable that tells the processes of a run from which ports of this machine Services are forwarded. */
export const forwardsVariable = 'ACCEPT_FORWARDS'

/** Its value: they lead to the clusters of one target file only. */
export interface ForwardedPorts {
  readonly targetFile: string
  /** By `forwardKey`. */
  readonly ports: Readonly<Record<string, number>>
}

/** What the variable tells of the Services of this target file. */
export function readForwardedPorts(value: string | undefined, targetFile: string): ForwardedPorts['ports'] {
  if (value === undefined || value === '') return {}
  const forwarded = JSON.parse(value) as ForwardedPorts
  return forwarded.targetFile === targetFile ? forwarded.ports : {}
}

/** The Services of clusters by which a target reaches its systems: how each is called, and which of them are used. */
export class Services {
  readonly #clusters: readonly Cluster[]
  readonly #ports: ForwardedPorts['ports']
  readonly #used = new Map<string, UsedService>()

  constructor(clusters: readonly Cluster[], ports: ForwardedPorts['ports']) {
    this.#clusters = clusters
    this.#ports = ports
  }

  get used(): UsedService[] {
    return [...this.#used.values()]
  }

  /** Where the Service that an address names is reached from here, for its user; undefined for what is no such address. */
  urlFor(owner: string, text: string): URL | undefined {
    const service = this.#serviceOf(text)
    if (service === undefined) return undefined
    this.#used.set(forwardKey(service), { ...service, owner })
    return urlOfService(service, this.#ports[forwardKey(service)])
  }

  /** How that Service is called in its cluster, and whether its port is forwarded. */
  wayTo(text: string): Pick<Address, 'service'> {
    const service = this.#serviceOf(text)
    if (service === undefined) return {}
    const forwarded = this.#ports[forwardKey(service)] !== undefined
    return { service: { host: hostOf(service), port: service.port, forwarded } }
  }

  /** By which URL the cluster itself knows it. */
  knownAs(text: string): URL {
    const service = this.#serviceOf(text)
    return service === undefined ? new URL(text) : urlOfService(service)
  }

  #serviceOf(text: string): ServiceAddress | undefined {
    const namespaceOf = (cluster: string) => this.#clusters.find(({ name }) => name === cluster)?.namespace
    return parseServiceAddress(text, { cluster: this.#clusters[0]?.name ?? '', namespaceOf })
  }
}
