import type { S3Client } from '@aws-sdk/client-s3'
import { Pool } from 'undici'
import { OtlpGrpcChannel } from '../drivers/otlp-grpc.ts'
import { encodeProtobuf } from '../drivers/otlp-protobuf.ts'
import { simpleTrace } from '../traces/simple-trace.ts'
import { addressOf } from './address.ts'

/** Where the same servers are reached: directly, or through the proxy. */
export interface Way {
  readonly tempo: URL
  readonly otlpGrpc: URL
  readonly storage: { readonly endpoint: URL; readonly bucket: string; readonly key: string; readonly bytes: number }
}

/** What is needed to read from the object storage. */
export interface StorageClientOptions {
  /** PEM. */
  readonly ca: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

const connections = 8

/** A client of the servers over connections of its own. */
export class Load implements AsyncDisposable {
  readonly #way: Way
  readonly #signal: AbortSignal
  readonly #pool: Pool
  readonly #channel: OtlpGrpcChannel
  readonly #storage: S3Client

  private constructor(way: Way, signal: AbortSignal, channel: OtlpGrpcChannel, storage: S3Client) {
    this.#way = way
    this.#signal = signal
    this.#pool = new Pool(way.tempo, { connections, pipelining: 1 })
    this.#channel = channel
    this.#storage = storage
  }

  static async open(way: Way, options: StorageClientOptions, signal: AbortSignal): Promise<Load> {
    const [{ S3Client }, { Agent }] = await Promise.all([import('@aws-sdk/client-s3'), import('node:https')])
    const storage = new S3Client({
      endpoint: way.storage.endpoint.href,
      forcePathStyle: true,
      region: options.region,
      credentials: options.credentials,
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { httpsAgent: new Agent({ ca: options.ca, keepAlive: true }) },
    })
    return new Load(way, signal, await OtlpGrpcChannel.open(addressOf(way.otlpGrpc.href)), storage)
  }

  /** How long GET /ready takes. Milliseconds. */
  async askReady(): Promise<number> {
    const started = performance.now()
    const { statusCode, body } = await this.#pool.request({ method: 'GET', path: '/ready', signal: this.#signal })
    await body.dump()
    if (statusCode !== 200) throw new Error(`GET ${this.#way.tempo.href}ready: ${statusCode}`)
    return performance.now() - started
  }

  /** How long a push of a new trace takes, without its encoding. Milliseconds. */
  async push(): Promise<number> {
    const body = await encodeProtobuf(simpleTrace({ run: 'bench', scenario: 'proxy' }))
    const started = performance.now()
    await this.#channel.send(body, this.#signal)
    return performance.now() - started
  }

  /** GET /ready over eight connections at once for so long. Requests a second. */
  async requestRate(forMs: number): Promise<number> {
    const started = performance.now()
    let requests = 0
    const askOn = async (): Promise<void> => {
      while (performance.now() - started < forMs) {
        await this.askReady()
        requests += 1
      }
    }
    await Promise.all(Array.from({ length: connections }, askOn))
    return requests / ((performance.now() - started) / 1_000)
  }

  /** GET of the whole object. Bytes a second. */
  async readRate(): Promise<number> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3')
    const { bucket, key, bytes } = this.#way.storage
    const started = performance.now()
    const { Body } = await this.#storage.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: this.#signal,
    })
    let read = 0
    for await (const chunk of Body as AsyncIterable<Uint8Array>) read += chunk.length
    if (read !== bytes) throw new Error(`the object has ${bytes} bytes, and ${read} came`)
    return read / ((performance.now() - started) / 1_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel[Symbol.dispose]()
    this.#storage.destroy()
    await this.#pool.destroy()
  }
}
