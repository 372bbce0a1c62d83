import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { S3Client } from '@aws-sdk/client-s3'
import { describeError } from '../errors.ts'
import { elapse } from '../eventually.ts'
import { redact, Secret } from '../secret.ts'
import { type SystemName, storingSystemNames } from '../system-names.ts'
import { type Cause, causeOf, causeOfStatus, causeOfStorage } from './preflight-cause.ts'
import type { Address, Cluster, MimirSystem, ObjectStorage, Target } from './target.ts'

/** How long a system may say that it is not ready, and the pause between two asks. */
const patienceMs = 2_000
const readyPauseMs = 100
const limitMs = 3_000
const unknownVersion = 'unknown'

export interface PreflightResult {
  /** By system; `unknown` where it does not tell. */
  readonly versions: Readonly<Record<string, string>>
  readonly problems: readonly PreflightProblem[]
}

/** What keeps the suite from using a system, without secrets. */
export interface PreflightProblem extends Cause {
  /** `tempo`, `object storage`. */
  readonly system: string
  readonly address: string
}

/** `tempo at http://127.0.0.1:3200/ready: connection refused; nothing listens there: start it, or correct the address`. */
export function describeProblem({ system, address, cause, advice }: PreflightProblem): string {
  return `${system} at ${address}: ${cause}; ${advice}`
}

/**
 * A short look at every system that the selected scenarios need, all at once, 3 seconds at most. What the target does
 * not have is no problem here: its scenarios are not applicable. Rejects only when the signal ends it.
 */
export async function checkTarget(
  target: Target,
  systems: readonly string[],
  signal: AbortSignal,
): Promise<PreflightResult> {
  signal.throwIfAborted()
  const look = new Look(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
  const versions: Record<string, string> = {}
  const {
    s3,
    systems: { tempo, mimir, prometheus, kubernetes },
  } = target
  const asked = (system: string) => systems.includes(system)
  const looks: Promise<unknown>[] = []
  const learnVersion = async (name: SystemName, version: Promise<string | undefined>) => {
    versions[name] = (await version) ?? target.systems[name]?.version ?? unknownVersion
  }
  if (tempo !== undefined && asked('tempo')) {
    looks.push(learnVersion('tempo', look.version(tempo.http, 'api/status/buildinfo', tempoVersion)))
    looks.push(look.ready('tempo', tempo.http, under(tempo.http.url, 'ready')))
    looks.push(look.accepts(tempo.otlpGrpc, 'OTLP gRPC'), look.accepts(tempo.otlpHttp, 'OTLP HTTP'))
  }
  if (mimir !== undefined && asked('mimir')) {
    const address = ofTenant(mimir)
    looks.push(learnVersion('mimir', look.version(address, 'api/v1/status/buildinfo', prometheusVersion)))
    looks.push(look.ready('mimir', address, queryApi(mimir)))
  }
  if (prometheus !== undefined && asked('prometheus')) {
    const { http, apiPrefix } = prometheus
    const path = `${apiPrefix}/api/v1/status/buildinfo`
    looks.push(learnVersion('prometheus', look.version(http, path, prometheusVersion)))
    looks.push(look.ready('prometheus', http, under(http.url, `${apiPrefix}/-/ready`)))
  }
  if (kubernetes !== undefined && asked('kubernetes'))
    looks.push(learnVersion('kubernetes', look.cluster(kubernetes.cluster)))
  const buckets = storingSystemNames.flatMap(name => (asked(name) ? (target.systems[name]?.bucket ?? []) : []))
  if (s3 !== undefined) for (const bucket of new Set(buckets)) looks.push(look.bucket(s3, bucket))
  if (s3 !== undefined && asked('s3')) {
    const learnStorage = async () => {
      if (await look.storage(s3)) versions.s3 = s3.version ?? unknownVersion
    }
    looks.push(learnStorage())
  }
  await Promise.all(looks)
  signal.throwIfAborted()
  return { versions, problems: look.problems }
}

class Look {
  readonly problems: PreflightProblem[] = []
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** A 503 is asked again for a moment: a healthy server whose querier is just connecting anew says it too. */
  async ready(system: SystemName, address: Address, url: URL): Promise<void> {
    const askedAt = performance.now()
    try {
      for (;;) {
        const { status, text } = await this.#get(address, url)
        if (status === 200) return
        if (status !== 503 || performance.now() - askedAt > patienceMs) {
          this.#report(system, url.href, causeOfStatus(status, text))
          return
        }
        await elapse(readyPauseMs, this.#signal)
      }
    } catch (error) {
      this.#report(system, url.href, causeOf(error, limitMs))
    }
  }

  /** Undefined where it does not tell: whatever is wrong with the address itself is told by `ready`. */
  async version(address: Address, path: string, read: (answer: string) => unknown): Promise<string | undefined> {
    try {
      const { status, text } = await this.#get(address, under(address.url, path))
      const version = status === 200 ? read(text) : undefined
      return typeof version === 'string' && version !== '' ? version : undefined
    } catch {
      return undefined
    }
  }

  /** A port that takes connections, and proves who it is where it speaks TLS. */
  async accepts(address: Address, what: string): Promise<void> {
    try {
      await this.#connect(address)
    } catch (error) {
      this.#report('tempo', `${address.url.href} (${what})`, causeOf(error, limitMs))
    }
  }

  /** Its version; what keeps the suite from asking its API server is reported. */
  async cluster(cluster: Cluster): Promise<string | undefined> {
    const { KubernetesClient } = await import('../drivers/kubernetes-client.ts')
    try {
      const client = KubernetesClient.of(cluster)
      const { value } = await client.ask('version', this.#signal, ({ version }, options) => version.getCode(options))
      // A build that was not told its version.
      return value.gitVersion.includes('$') ? undefined : value.gitVersion
    } catch (error) {
      const advice = 'correct the kubeconfig, context or impersonation under clusters, or start the cluster'
      this.#report('kubernetes', cluster.name, { cause: describeError(error), advice })
      return undefined
    }
  }

  /** Lists one object of it. */
  async bucket(storage: ObjectStorage, bucket: string): Promise<void> {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    await this.#askStorage(storage, bucket, client =>
      client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), { abortSignal: this.#signal }),
    )
  }

  /** Whether it lists its buckets; which these are is for scenarios to judge. */
  async storage(storage: ObjectStorage): Promise<boolean> {
    const { ListBucketsCommand } = await import('@aws-sdk/client-s3')
    return await this.#askStorage(storage, undefined, client =>
      client.send(new ListBucketsCommand(), { abortSignal: this.#signal }),
    )
  }

  async #askStorage(
    storage: ObjectStorage,
    bucket: string | undefined,
    ask: (client: S3Client) => Promise<unknown>,
  ): Promise<boolean> {
    const { connectStorage } = await import('../drivers/object-storage.ts')
    const client = await connectStorage(storage)
    try {
      await ask(client)
      return true
    } catch (error) {
      this.#report('object storage', storage.endpoint.href, causeOfStorage(error, bucket, limitMs))
      return false
    } finally {
      client.destroy()
    }
  }

  async #get({ headers, ca }: Address, url: URL): Promise<{ status: number; text: string }> {
    const { Agent, request } = await import('undici')
    const dispatcher = new Agent({ connect: { timeout: limitMs, ...(ca !== undefined && { ca }) } })
    const revealed = Object.entries(headers).map(([name, value]) => [
      name,
      value instanceof Secret ? value.reveal() : value,
    ])
    try {
      const { statusCode, body } = await request(url, {
        dispatcher,
        headers: Object.fromEntries(revealed),
        signal: this.#signal,
      })
      return { status: statusCode, text: await body.text() }
    } finally {
      await dispatcher.destroy()
    }
  }

  #connect({ url, ca }: Address): Promise<void> {
    const secure = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || (secure ? 443 : 80))
    const signal = this.#signal
    return new Promise((resolve, reject) => {
      const socket: Socket = secure
        ? connectTls({
            host,
            port,
            servername: /^[\d.]+$|:/.test(host) ? '' : host,
            ALPNProtocols: ['h2', 'http/1.1'],
            ...(ca !== undefined && { ca }),
          })
        : connectTcp({ host, port })
      const end = (settle: () => void) => {
        socket.destroy()
        settle()
      }
      socket.once(secure ? 'secureConnect' : 'connect', () => end(resolve))
      socket.once('error', error => end(() => reject(error)))
      signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
    })
  }

  #report(system: string, address: string, { cause, advice }: Cause): void {
    this.problems.push({ system, address: redact(address), cause: redact(cause), advice: redact(advice) })
  }
}

function under(base: URL, path: string): URL {
  return new URL(path.replace(/^\/+/, ''), base.href.endsWith('/') ? base : `${base.href}/`)
}

/** Tempo's HTTP API, "List build information". */
function tempoVersion(answer: string): unknown {
  return (JSON.parse(answer) as { version?: unknown }).version
}

/** Prometheus' and Mimir's HTTP API, "Build information"; a build that was not told its version says that it is unknown. */
function prometheusVersion(answer: string): unknown {
  const version = (JSON.parse(answer) as { data?: { version?: unknown } }).data?.version
  return version === unknownVersion ? undefined : version
}

/**
 * What a Mimir that is ready answers: the query API. Its readiness probe is not reachable through the gateway that
 * Mimir's chart puts before it, and would not tell that the prefix is wrong.
 */
function queryApi({ http, apiPrefix }: MimirSystem): URL {
  const url = under(http.url, `${apiPrefix}/api/v1/query`)
  url.searchParams.set('query', 'vector(1)')
  return url
}

/** Asking creates no tenant. */
function ofTenant({ http, multiTenant }: MimirSystem): Address {
  return multiTenant ? { ...http, headers: { ...http.headers, 'X-Scope-OrgID': 'acceptance-preflight' } } : http
}
