import type { S3Client } from '@aws-sdk/client-s3'
import { type Answerer, describeError, RequestError, TransientError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { ObjectStorage } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { connectionError } from './http.ts'

interface StoredObject {
  readonly key: string
  readonly size: number
  readonly modified: Date
}

export interface Listing {
  readonly objects: readonly StoredObject[]
  /** What lies below, up to and with the delimiter; empty where none was asked for. */
  readonly folders: readonly string[]
}

/** One lifecycle rule of a bucket, as far as it expires current objects. */
export interface LifecycleRule {
  readonly id: string
  readonly enabled: boolean
  /** Empty: all objects. */
  readonly prefix: string
  /** Whether it is limited further, to tags or sizes. */
  readonly limited: boolean
  /** Undefined where the rule does not expire objects by age. */
  readonly expirationDays: number | undefined
}

export type VersioningStatus = 'Enabled' | 'Suspended' | 'never enabled'

/** Reads one bucket over S3, without a retry: whoever waits asks again. */
export class Bucket implements Disposable {
  readonly name: string
  readonly #storage: ObjectStorage
  readonly #whose: Answerer
  #client: Promise<S3Client> | undefined

  /** @param whose `product` where the storage itself is under test: what it does not answer is then its own failure */
  constructor(storage: ObjectStorage, name: string, whose: Answerer = 'environment') {
    this.#storage = storage
    this.name = name
    this.#whose = whose
  }

  /** All objects below a prefix; with a delimiter only those of that level, and the folders. */
  async list(prefix: string, signal: AbortSignal, delimiter?: string): Promise<Answer<Listing>> {
    return await this.#ask(`LIST ${this.#url(prefix)}*`, signal, async (client, abortSignal) => {
      const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3')
      const objects: StoredObject[] = []
      const folders: string[] = []
      const question = {
        Bucket: this.name,
        Prefix: prefix,
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      }
      for await (const page of paginateListObjectsV2({ client }, question, { abortSignal })) {
        for (const { Key: key, Size: size, LastModified: modified } of page.Contents ?? []) {
          if (key !== undefined) objects.push({ key, size: size ?? 0, modified: modified ?? new Date(0) })
        }
        for (const { Prefix: folder } of page.CommonPrefixes ?? []) if (folder !== undefined) folders.push(folder)
      }
      return { objects, folders }
    })
  }

  /** A whole object, or the bytes from `start` up to, not including, `end`; undefined where there is no such object. */
  async get(
    key: string,
    signal: AbortSignal,
    range?: { start: number; end: number },
  ): Promise<Answer<Buffer | undefined>> {
    const bytes = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }
    return await this.#ask(`GET ${this.#url(key)}`, signal, async (client, abortSignal) => {
      const { GetObjectCommand } = await import('@aws-sdk/client-s3')
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: this.name, Key: key, ...bytes }), {
          abortSignal,
        })
        return Buffer.from((await body?.transformToByteArray()) ?? [])
      } catch (error) {
        if (codeOf(error) === 'NoSuchKey') return undefined
        throw error
      }
    })
  }

  /** Empty where the bucket has none. */
  async lifecycleRules(signal: AbortSignal): Promise<Answer<LifecycleRule[]>> {
    return await this.#ask(`GET ${this.#url('')}?lifecycle`, signal, async (client, abortSignal) => {
      const { GetBucketLifecycleConfigurationCommand } = await import('@aws-sdk/client-s3')
      try {
        const { Rules: rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: this.name }), {
          abortSignal,
        })
        return (rules ?? []).map(rule => ({
          id: rule.ID ?? '',
          enabled: rule.Status === 'Enabled',
          prefix: rule.Filter?.Prefix ?? rule.Filter?.And?.Prefix ?? rule.Prefix ?? '',
          limited: [rule.Filter, rule.Filter?.And].some(filter =>
            Object.entries(filter ?? {}).some(
              ([name, value]) => value !== undefined && name !== 'Prefix' && name !== 'And',
            ),
          ),
          expirationDays: rule.Expiration?.Days,
        }))
      } catch (error) {
        if (codeOf(error) === 'NoSuchLifecycleConfiguration') return []
        throw error
      }
    })
  }

  /** Whether S3 keeps what is overwritten or deleted (GetBucketVersioning): it says nothing where that never was so. */
  async versioning(signal: AbortSignal): Promise<Answer<VersioningStatus>> {
    return await this.#ask(`GET ${this.#url('')}?versioning`, signal, async (client, abortSignal) => {
      const { GetBucketVersioningCommand } = await import('@aws-sdk/client-s3')
      const { Status: status } = await client.send(new GetBucketVersioningCommand({ Bucket: this.name }), {
        abortSignal,
      })
      return status === 'Enabled' || status === 'Suspended' ? status : 'never enabled'
    })
  }

  /** Answers when the bucket is there and these credentials may use it. */
  async head(signal: AbortSignal): Promise<Answer<true>> {
    return await this.#ask(`HEAD ${this.#url('')}`, signal, async (client, abortSignal) => {
      const { HeadBucketCommand } = await import('@aws-sdk/client-s3')
      await client.send(new HeadBucketCommand({ Bucket: this.name }), { abortSignal })
      return true as const
    })
  }

  [Symbol.dispose](): void {
    void this.#client?.then(client => client.destroy())
    this.#client = undefined
  }

  #url(key: string): string {
    return `${this.#storage.endpoint.href.replace(/\/$/, '')}/${this.name}/${key}`
  }

  async #ask<T>(
    name: string,
    signal: AbortSignal,
    ask: (client: S3Client, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<Answer<T>> {
    this.#client ??= connectStorage(this.#storage)
    const client = await this.#client
    const started = performance.now()
    try {
      const value = await ask(client, signal)
      return { request: name, elapsedMs: performance.now() - started, value }
    } catch (error) {
      throw storageError(name, { bucket: this.name, whose: this.#whose }, error, signal)
    }
  }
}

/** A client that makes each request once; what it throws is the library's. To be destroyed by its user. */
export async function connectStorage(storage: ObjectStorage): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const { accessKeyId, secretAccessKey, sessionToken } = storage.credentials
  return new S3Client({
    endpoint: storage.endpoint.href,
    region: storage.region,
    forcePathStyle: storage.forcePathStyle,
    maxAttempts: 1,
    // What was read is judged by whoever asked for it, who can tell what is wrong with it.
    responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: {
      accessKeyId: accessKeyId.reveal(),
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    },
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 60_000,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50, ...(storage.ca === undefined ? {} : { ca: storage.ca }) },
    },
  })
}

const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create it, or name another in the target file',
  NotFound: 'create it, or name another in the target file',
  AccessDenied: 'allow these credentials to list and read it',
  Forbidden: 'allow these credentials to list and read it',
  InvalidAccessKeyId: 'check the access key of the target file’s s3 credentials',
  SignatureDoesNotMatch: 'check the secret key of the target file’s s3 credentials',
  PermanentRedirect: 'check region and forcePathStyle of the target file’s s3 entry',
  RequestTimeTooSkewed: 'set the clock of this machine',
}

/** Codes by which S3 says "later" with a status that may be below 500 (S3 API reference, "Error responses"). */
const passing = new Set([
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'RequestTimeout',
  'ServiceUnavailable',
  'InternalError',
])

/**
 * What a failed request to a bucket is told as: passing, refused, or not answered. Where the storage is under test itself,
 * only that the suite is not let in is of the environment.
 */
export function storageError(
  name: string,
  { bucket, whose }: { readonly bucket: string; readonly whose: Answerer },
  error: unknown,
  signal: AbortSignal,
): unknown {
  const status = statusOf(error)
  if (status === undefined) {
    if (error instanceof Error && error.name === 'TimeoutError' && !signal.aborted) {
      return new TransientError(`${name}: no answer in time`, { cause: error, whose })
    }
    return connectionError(name, error, signal, whose)
  }
  const code = codeOf(error)
  const told = redact(describeError(error))
  const message = `${name}: ${status} ${code}${told === code || told === 'UnknownError' ? '' : `, ${told}`}`
  if (status === 429 || status >= 500 || passing.has(code)) return new TransientError(message, { cause: error, whose })
  const isLetIn = status !== 401 && status !== 403
  return new RequestError(`${message}; bucket ${bucket}: ${advice[code] ?? adviceFor(status)}`, {
    cause: error,
    whose: isLetIn ? whose : 'environment',
  })
}

/** An answer to HEAD has no body, so its code may be unknown. */
function adviceFor(status: number): string {
  return status === 403
    ? 'these credentials are wrong, disabled, or may not use it'
    : 'check the s3 entry of the target file'
}

export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
