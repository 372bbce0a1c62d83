import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { elapse } from '../eventually.ts'
import { redact, Secret } from '../secret.ts'
import { type Cause, causeOf, causeOfStatus, causeOfStorage } from './preflight-cause.ts'
import type { Address, ObjectStorage, Target, TempoSystem } from './target.ts'

/** How long a system may say that it is not ready, and the pause between two asks. */
const patienceMs = 2_000
const readyPauseMs = 100
const limitMs = 3_000
const unknownVersion = 'unknown'

export interface PreflightResult {
  /** By system; `unknown` where it does not tell. */
  readonly versions: Readonly<Record<string, string>>
  /**
   * What keeps the suite from using a system, each with the address, the cause and what to do:
   * `tempo at http://127.0.0.1:3200/ready: connection refused; nothing listens there: start it, or correct the address`.
   */
  readonly problems: readonly string[]
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
    systems: { tempo },
  } = target
  const looks: Promise<unknown>[] = []
  if (tempo !== undefined && systems.includes('tempo')) {
    looks.push(
      look.version(tempo).then(version => {
        versions.tempo = version
      }),
    )
    looks.push(look.ready(tempo), look.accepts(tempo.otlpGrpc, 'OTLP gRPC'), look.accepts(tempo.otlpHttp, 'OTLP HTTP'))
  }
  if (tempo !== undefined && s3 !== undefined && (systems.includes('s3') || systems.includes('tempo'))) {
    looks.push(look.bucket(s3, tempo.bucket))
  }
  await Promise.all(looks)
  signal.throwIfAborted()
  return { versions, problems: look.problems }
}

class Look {
  readonly problems: string[] = []
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /**
   * Tempo's HTTP API, "Readiness probe". A 503 is asked again for a moment: a healthy Tempo whose querier is just
   * connecting anew says it too.
   */
  async ready(tempo: TempoSystem): Promise<void> {
    const url = under(tempo.http.url, 'ready')
    const askedAt = performance.now()
    try {
      for (;;) {
        const { status, text } = await this.#get(tempo.http, url)
        if (status === 200) return
        if (status !== 503 || performance.now() - askedAt > patienceMs) {
          this.#report('tempo', url.href, causeOfStatus(status, text))
          return
        }
        await elapse(readyPauseMs, this.#signal)
      }
    } catch (error) {
      this.#report('tempo', url.href, causeOf(error, limitMs))
    }
  }

  /** Tempo's HTTP API, "List build information"; whatever is wrong with the address itself is told by `ready`. */
  async version(tempo: TempoSystem): Promise<string> {
    const otherwise = tempo.version ?? unknownVersion
    try {
      const { status, text } = await this.#get(tempo.http, under(tempo.http.url, 'api/status/buildinfo'))
      const { version } = status === 200 ? (JSON.parse(text) as { version?: unknown }) : {}
      return typeof version === 'string' && version !== '' ? version : otherwise
    } catch {
      return otherwise
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

  async bucket(storage: ObjectStorage, bucket: string): Promise<void> {
    const { S3Client, ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    const { accessKeyId, secretAccessKey, sessionToken } = storage.credentials
    const client = new S3Client({
      endpoint: storage.endpoint.href,
      region: storage.region,
      forcePathStyle: storage.forcePathStyle,
      maxAttempts: 1,
      credentials: {
        accessKeyId: accessKeyId.reveal(),
        secretAccessKey: secretAccessKey.reveal(),
        ...(sessionToken !== undefined && { sessionToken: sessionToken.reveal() }),
      },
      requestHandler: { connectionTimeout: limitMs, requestTimeout: limitMs, httpsAgent: { ca: storage.ca } },
    })
    try {
      await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), { abortSignal: this.#signal })
    } catch (error) {
      this.#report('object storage', storage.endpoint.href, causeOfStorage(error, bucket, limitMs))
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
    this.problems.push(redact(`${system} at ${address}: ${cause}; ${advice}`))
  }
}

function under(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith('/') ? base : `${base.href}/`)
}
