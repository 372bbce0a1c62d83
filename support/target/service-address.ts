/**
 * The address of a Service of a cluster, as a target file writes it: `service/NAME:PORT`, in a namespace of its own
 * `service/NAMESPACE/NAME:PORT`, in one of several clusters `service/NAME:PORT@CLUSTER`, over TLS `https+service/...`.
 */
export interface ServiceAddress {
  readonly name: string
  /** Of the cluster's entry in the target, where it names none. */
  readonly namespace: string
  readonly port: number
  readonly secure: boolean
  /** The entry of the target's clusters. */
  readonly cluster: string
}

/** A Service that a target uses, and what for: the name of a system, or `s3`. */
export interface UsedService extends ServiceAddress {
  readonly owner: string
}

const written =
  /^(?<scheme>https\+)?service\/(?:(?<namespace>[a-z0-9-]+)\/)?(?<name>[a-z0-9-]+):(?<port>\d{1,5})(?:@(?<cluster>[\w.-]+))?$/

export const serviceForm = 'service/NAME:PORT'

export function isServiceAddress(text: string): boolean {
  return written.test(text)
}

/** Undefined for what is no such address. */
export function parseServiceAddress(
  text: string,
  defaults: { readonly cluster: string; namespaceOf(cluster: string): string | undefined },
): ServiceAddress | undefined {
  const parts = written.exec(text)?.groups
  if (parts === undefined) return undefined
  const cluster = parts.cluster ?? defaults.cluster
  return {
    name: parts.name ?? '',
    namespace: parts.namespace ?? defaults.namespaceOf(cluster) ?? 'default',
    port: Number(parts.port),
    secure: parts.scheme !== undefined,
    cluster,
  }
}

/** `tempo.monitoring.svc`: how pods of the cluster call it, and how the suite does from outside as well. */
export function hostOf({ name, namespace }: ServiceAddress): string {
  return `${name}.${namespace}.svc`
}

/** By which a forward to it is known: `central/monitoring/tempo:3200`. */
export function forwardKey({ cluster, namespace, name, port }: ServiceAddress): string {
  return `${cluster}/${namespace}/${name}:${port}`
}

/** @param localPort the port on this machine from which it is forwarded; undefined inside the cluster */
export function urlOfService(address: ServiceAddress, localPort?: number): URL {
  return new URL(`${address.secure ? 'https' : 'http'}://${hostOf(address)}:${localPort ?? address.port}`)
}
