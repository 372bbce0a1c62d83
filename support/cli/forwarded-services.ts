import { resolve } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { isStoring, type SystemName } from '../system-names.ts'
import { readTarget } from '../target/load.ts'
import { type ForwardedPorts, forwardsVariable } from '../target/services.ts'

export interface ForwardedServices extends AsyncDisposable {
  /** What tells whoever loads the target of the ports. */
  readonly environment: Readonly<Record<string, string>>
}

export interface Forwarding {
  readonly targetFile: string
  /** The secrets that the file names. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whose Services must have a ready pod. */
  readonly systems: readonly SystemName[]
  readonly signal: AbortSignal
}

/**
 * From outside a cluster its Services are reached through ports of this machine; inside by their names.
 * @throws EnvironmentError that lists every Service that is needed and cannot be reached
 */
export async function forwardServices({
  targetFile,
  environment,
  systems,
  signal,
}: Forwarding): Promise<ForwardedServices> {
  const { target, services } = readTarget(targetFile, environment)
  const isInside = process.env.KUBERNETES_SERVICE_HOST !== undefined
  if (services.length === 0 || isInside) return { environment: {}, [Symbol.asyncDispose]: async () => undefined }
  const [{ openForwards }, { KubernetesClient }, { answerLocally }] = await Promise.all([
    import('../target/forwards.ts'),
    import('../drivers/kubernetes-client.ts'),
    import('../target/forwarded-names.ts'),
  ])
  const clusterOf = (name: string) => target.clusters.find(cluster => cluster.name === name)
  const owners: readonly string[] = systems.some(isStoring) ? [...systems, 's3'] : systems
  const forwards = await openForwards(services, {
    clientOf: name => {
      const cluster = clusterOf(name)
      if (cluster === undefined) throw new EnvironmentError(`the target names no cluster ${name}`)
      return KubernetesClient.of(cluster)
    },
    needed: ({ owner }) => owners.includes(owner),
    signal,
  })
  answerLocally(forwards.names)
  const forwarded: ForwardedPorts = { targetFile: resolve(targetFile), ports: forwards.ports }
  return {
    environment: { [forwardsVariable]: JSON.stringify(forwarded) },
    [Symbol.asyncDispose]: () => forwards[Symbol.asyncDispose](),
  }
}
