import type {
  AppsV1Api,
  AuthorizationV1Api,
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
  RbacAuthorizationV1Api,
  RequestContext,
  StorageV1Api,
  VersionApi,
} from '@kubernetes/client-node'
import { describeError, RequestError, TransientError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Cluster } from '../target/target.ts'
import type { Answer } from './answer.ts'

/** The parts of the Kubernetes API that the suite asks (kubernetes.io, "Kubernetes API"). */
export interface KubernetesApi {
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly storage: StorageV1Api
  readonly discovery: DiscoveryV1Api
  readonly authorization: AuthorizationV1Api
  readonly access: RbacAuthorizationV1Api
  readonly custom: CustomObjectsApi
  readonly version: VersionApi
}

interface Connection {
  readonly configuration: KubeConfig
  readonly api: KubernetesApi
  /** The options of one request. */
  optionsFor(signal: AbortSignal): ConfigurationOptions
}

const clients = new Map<string, KubernetesClient>()

/** Asks the API server of one cluster. The library that it needs is loaded with the first ask. */
export class KubernetesClient {
  readonly #cluster: Cluster
  #connection: Promise<Connection> | undefined

  /** One for each cluster, however often it is asked for. */
  static of(cluster: Cluster): KubernetesClient {
    const key = JSON.stringify(cluster)
    const client = clients.get(key) ?? new KubernetesClient(cluster)
    clients.set(key, client)
    return client
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  get cluster(): Cluster {
    return this.#cluster
  }

  /**
   * One request, without a retry.
   * @param what in words, such as `get pod monitoring/tempo-0`
   * @throws TransientError where nothing answered, or 429 or 5xx did; RequestError where it was refused, or the kubeconfig
   * is of no use
   */
  async ask<T>(
    what: string,
    signal: AbortSignal,
    call: (api: KubernetesApi, options: ConfigurationOptions) => Promise<T>,
  ): Promise<Answer<T>> {
    const { api, optionsFor } = await this.#connect()
    const startedAt = performance.now()
    const request = `Kubernetes ${this.#cluster.name}: ${what}`
    try {
      const value = await call(api, optionsFor(signal))
      return { request, elapsedMs: performance.now() - startedAt, value }
    } catch (error) {
      throw signal.aborted ? ended(request, signal) : explained(request, error)
    }
  }

  /** As `ask`, where what does not exist is an answer: undefined. */
  async find<T>(
    what: string,
    signal: AbortSignal,
    call: (api: KubernetesApi, options: ConfigurationOptions) => Promise<T>,
  ): Promise<Answer<T | undefined>> {
    return await this.ask<T | undefined>(what, signal, async (api, options) => {
      try {
        return await call(api, options)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    })
  }

  /** For what is no single request: port-forwards and exec. @throws RequestError where the kubeconfig is of no use */
  async configuration(): Promise<KubeConfig> {
    return (await this.#connect()).configuration
  }

  /** A client for the same cluster as the holder of a token. */
  async withToken(token: Secret): Promise<KubernetesClient> {
    const [k8s, { of }] = await libraries()
    const cluster = (await this.configuration()).getCurrentCluster()
    if (cluster === null) throw new RequestError(`cluster ${this.#cluster.name}: the kubeconfig names no cluster`)
    const configuration = new k8s.KubeConfig()
    configuration.loadFromClusterAndUser(cluster, { name: 'holder', token: token.reveal() })
    const client = new KubernetesClient(this.#cluster)
    client.#connection = Promise.resolve(connectionOf(configuration, k8s, of))
    return client
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#open()
    return this.#connection
  }

  async #open(): Promise<Connection> {
    const [k8s, { of }] = await libraries()
    const { kubeconfig, context, name, impersonate } = this.#cluster
    const configuration = new k8s.KubeConfig()
    try {
      if (kubeconfig === undefined) configuration.loadFromDefault()
      else configuration.loadFromFile(kubeconfig)
    } catch (error) {
      throw new RequestError(
        `cluster ${name}: the kubeconfig ${kubeconfig ?? ''} cannot be used: ${describeError(error)}`,
      )
    }
    if (context !== undefined) {
      const known = configuration.getContexts().map(each => each.name)
      if (!known.includes(context))
        throw new RequestError(`cluster ${name}: there is no context ${context}; there are ${known.join(', ')}`)
      configuration.setCurrentContext(context)
    }
    if (configuration.getCurrentCluster() === null) {
      throw new RequestError(
        `cluster ${name}: no kubeconfig was found that names a cluster; set kubeconfig, or KUBECONFIG`,
      )
    }
    const user = configuration.getCurrentUser()
    // Port-forwards take it from there too.
    if (impersonate !== undefined && user !== null) Object.assign(user, { impersonateUser: impersonate })
    return connectionOf(configuration, k8s, of)
  }
}

/** Costs 260 ms and more, so it waits for the first ask. */
async function libraries() {
  return await Promise.all([import('@kubernetes/client-node'), import('@kubernetes/client-node/dist/gen/rxjsStub.js')])
}

type Libraries = Awaited<ReturnType<typeof libraries>>

function connectionOf(configuration: KubeConfig, k8s: Libraries[0], of: Libraries[1]['of']): Connection {
  const make = configuration.makeApiClient.bind(configuration)
  return {
    configuration,
    api: {
      core: make(k8s.CoreV1Api),
      apps: make(k8s.AppsV1Api),
      storage: make(k8s.StorageV1Api),
      discovery: make(k8s.DiscoveryV1Api),
      authorization: make(k8s.AuthorizationV1Api),
      access: make(k8s.RbacAuthorizationV1Api),
      custom: make(k8s.CustomObjectsApi),
      version: make(k8s.VersionApi),
    },
    optionsFor: signal => ({
      middleware: [{ pre: context => of(endedBy(signal, context)), post: context => of(context) }],
      middlewareMergeStrategy: 'append',
    }),
  }
}

function endedBy(signal: AbortSignal, context: RequestContext): RequestContext {
  context.setSignal(signal)
  return context
}

/** What a time-out ended is told as silence; whatever else ended it, is the reason itself. */
function ended(request: string, signal: AbortSignal): unknown {
  const { reason } = signal
  const isLate = reason instanceof Error && reason.name === 'TimeoutError'
  return isLate ? new TransientError(`${request}: no answer in time`, { whose: 'environment' }) : reason
}

/** The status of an answer that the library throws. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}

function explained(request: string, error: unknown): Error {
  const status = statusOf(error)
  if (status === undefined) {
    // Only a connection that failed comes without a status; what is no such thing is a defect of the suite.
    if (error instanceof TypeError && error.message !== 'fetch failed') return error
    return new TransientError(`${request}: ${causeOf(error)}`, { whose: 'environment', cause: error })
  }
  const said = `${request}: ${status} ${messageOf(error)}`
  if (status === 429 || status >= 500) return new TransientError(said, { whose: 'environment' })
  return new RequestError(said)
}

/** The API server's own words: the `message` of the Status that it answers. */
function messageOf(error: unknown): string {
  const body: unknown = error instanceof Error && 'body' in error ? error.body : undefined
  try {
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: unknown } | undefined
    if (typeof status?.message === 'string') return status.message
  } catch {
    // Not JSON: a proxy before the API server, perhaps.
  }
  return typeof body === 'string' ? body.slice(0, 300) : describeError(error)
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return describeError(cause ?? error)
}
