import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { readyEndpoint, type ServicePlace } from '../drivers/kubernetes-service.ts'
import { describeError, EnvironmentError } from '../errors.ts'
import { eventually, NotSeen, now } from '../eventually.ts'
import { forwardKey, hostOf, type ServiceAddress } from './service-address.ts'

/** Ports of this machine that lead to Services of a cluster, through its API server. */
export interface Forwards extends AsyncDisposable {
  /** The local port, by `forwardKey` of its Service. */
  readonly ports: Readonly<Record<string, number>>
  /** The names by which the Services are called. */
  readonly names: readonly string[]
}

export interface ForwardOptions<Service> {
  clientOf(cluster: string): KubernetesClient
  needed(service: Service): boolean
  readonly signal: AbortSignal
}

const lookMs = 10_000
/** A pod that has just become ready is among the endpoints of its Service a moment later. */
const patienceMs = 5_000

/**
 * Opens a port of this machine for each Service. Each connection to it finds a ready pod of the Service anew, so that a pod
 * may go while others of its connections are open.
 * @param needed whether a Service must have a ready pod now
 * @throws EnvironmentError that lists every Service that is needed and has no ready pod, or may not be looked at
 */
export async function openForwards<Service extends ServiceAddress>(
  services: readonly Service[],
  { clientOf, needed, signal }: ForwardOptions<Service>,
): Promise<Forwards> {
  await using opening = new AsyncDisposableStack()
  const problems: string[] = []
  const ports: Record<string, number> = {}
  await Promise.all(
    services.map(async service => {
      const client = clientOf(service.cluster)
      try {
        await client.configuration()
        if (needed(service)) await haveEndpoint(client, service, signal)
        const forward = opening.use(await ServiceForward.open(client, service))
        ports[forwardKey(service)] = forward.port
      } catch (error) {
        signal.throwIfAborted()
        problems.push(`service/${service.namespace}/${service.name}:${service.port}: ${describeError(error)}`)
      }
    }),
  )
  if (problems.length > 0) {
    const all = problems.map(problem => `  - ${problem}`).join('\n')
    throw new EnvironmentError(`these Services cannot be reached, so no scenario was run\n${all}`)
  }
  const open = opening.move()
  return {
    ports,
    names: services.map(hostOf),
    [Symbol.asyncDispose]: async () => await open.disposeAsync(),
  }
}

/** @throws TransientError where the Service has no ready pod for a while; RequestError where it cannot have one */
async function haveEndpoint(client: KubernetesClient, service: ServicePlace, signal: AbortSignal): Promise<void> {
  const ask = async (limit: AbortSignal) => ({
    request: '',
    elapsedMs: 0,
    value: await readyEndpoint(client, service, limit),
  })
  try {
    await eventually({ ask, expect: () => undefined }, { deadlineMs: patienceMs, since: now(), signal })
  } catch (error) {
    throw error instanceof NotSeen ? error.cause : error
  }
}

/** One local port that leads to a Service. */
class ServiceForward implements AsyncDisposable {
  readonly #client: KubernetesClient
  readonly #service: ServicePlace
  readonly #server: Server
  readonly #open = new Set<Socket>()

  static async open(client: KubernetesClient, service: ServicePlace): Promise<ServiceForward> {
    const forward = new ServiceForward(client, service)
    await new Promise<void>((resolve, reject) => {
      forward.#server.once('error', reject)
      forward.#server.listen(0, '127.0.0.1', resolve)
    })
    return forward
  }

  private constructor(client: KubernetesClient, service: ServicePlace) {
    this.#client = client
    this.#service = service
    this.#server = createServer({ noDelay: true }, socket => void this.#join(socket))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  /** Whoever connects while no pod is ready is cut off, as by a Service without endpoints. */
  async #join(socket: Socket): Promise<void> {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    // What goes wrong with a connection is seen by whoever made it.
    socket.on('error', () => undefined)
    try {
      const { namespace, pod, port } = await readyEndpoint(this.#client, this.#service, AbortSignal.timeout(lookMs))
      const { PortForward } = await import('@kubernetes/client-node')
      const forward = new PortForward(await this.#client.configuration())
      const joined = await forward.portForward(namespace, pod, [port], socket, null, socket)
      const channel = typeof joined === 'function' ? joined() : joined
      if (channel === null) throw new EnvironmentError('it could not be forwarded to')
      channel.addEventListener('close', () => socket.destroy())
      channel.addEventListener('error', () => socket.destroy())
      if (socket.destroyed) channel.close()
      else socket.on('close', () => channel.close())
    } catch {
      socket.destroy()
    }
  }
}
