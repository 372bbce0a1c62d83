import type { S3Client } from '@aws-sdk/client-s3'
import type { Answerer } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { ObjectStorage, TempoSystem } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { codeOf, connectStorage, statusOf, storageError } from './object-storage.ts'

/** What an account of an object storage may be allowed in a bucket. */
export const accesses = ['list', 'write', 'read', 'delete'] as const
export type Access = (typeof accesses)[number]

/** How one attempt came out. */
export interface Attempt {
  readonly bucket: string
  readonly key: string
  readonly access: Access
  readonly allowed: boolean
  /** Of what was read; undefined where nothing was, or nothing is there. */
  readonly content?: Buffer
  /** The keys that were listed. */
  readonly keys?: readonly string[]
  /** The status and code of a refusal, such as `403 AccessDenied`. */
  readonly refusal?: string
}

/**
 * One account of an object storage, and what it may do: each attempt is one request, without a retry (S3 API reference).
 * Where the bucket says 403, it is refused; where it says that there is no such object, it is not.
 */
export class StorageAccount {
  readonly #storage: ObjectStorage
  readonly #whose: Answerer
  #client: Promise<S3Client> | undefined

  /**
   * @param storage with the credentials of the account
   * @param whose as `Bucket` takes it
   */
  constructor(storage: ObjectStorage, whose: Answerer = 'environment') {
    this.#storage = storage
    this.#whose = whose
  }

  /** The buckets that the storage lists for it. */
  async buckets(signal: AbortSignal): Promise<Answer<string[]>> {
    const request = `LIST ${this.#storage.endpoint.href}`
    return await this.#ask(request, '', signal, async client => {
      const { ListBucketsCommand } = await import('@aws-sdk/client-s3')
      const { Buckets: buckets } = await client.send(new ListBucketsCommand(), { abortSignal: signal })
      return (buckets ?? []).flatMap(({ Name: name }) => name ?? [])
    })
  }

  /** Tries one thing with one object of a bucket; a list is that of the objects whose keys begin like it. */
  async attempt(
    access: Access,
    place: { readonly bucket: string; readonly key: string; readonly content: Buffer },
    signal: AbortSignal,
  ): Promise<Answer<Attempt>> {
    const { bucket, key } = place
    const request = `${access} ${this.#storage.endpoint.href}${bucket}/${key}`
    return await this.#ask(request, bucket, signal, async client => {
      try {
        return { bucket, key, access, allowed: true, ...(await requests[access](client, place, signal)) }
      } catch (error) {
        if (codeOf(error) === 'NoSuchKey' && access !== 'list') return { bucket, key, access, allowed: true }
        if (statusOf(error) !== 403) throw error
        return { bucket, key, access, allowed: false, refusal: `403 ${codeOf(error)}` }
      }
    })
  }

  async #ask<T>(
    request: string,
    bucket: string,
    signal: AbortSignal,
    ask: (client: S3Client) => Promise<T>,
  ): Promise<Answer<T>> {
    this.#client ??= connectStorage(this.#storage)
    const client = await this.#client
    const startedAt = performance.now()
    try {
      const value = await ask(client)
      return { request, elapsedMs: performance.now() - startedAt, value }
    } catch (error) {
      throw storageError(request, { bucket, whose: this.#whose }, error, signal)
    }
  }
}

/** The account by which a system signs in to its storage; undefined where the target does not name it in full. */
export function accountOf(
  storage: ObjectStorage,
  { storageUser, storageSecretKey }: Pick<TempoSystem, 'storageUser' | 'storageSecretKey'>,
): StorageAccount | undefined {
  if (storageUser === undefined || storageSecretKey === undefined) return undefined
  const credentials = { accessKeyId: new Secret(storageUser), secretAccessKey: storageSecretKey }
  return new StorageAccount({ ...storage, credentials })
}

type AccessRequest = (
  client: S3Client,
  place: { readonly bucket: string; readonly key: string; readonly content: Buffer },
  abortSignal: AbortSignal,
) => Promise<Partial<Attempt>>

const requests: Readonly<Record<Access, AccessRequest>> = {
  list: async (client, { bucket: Bucket, key: Prefix }, abortSignal) => {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3')
    const { Contents: found } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }), { abortSignal })
    return { keys: (found ?? []).flatMap(({ Key: key }) => key ?? []) }
  },
  write: async (client, { bucket: Bucket, key: Key, content: Body }, abortSignal) => {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3')
    await client.send(new PutObjectCommand({ Bucket, Key, Body }), { abortSignal })
    return {}
  },
  read: async (client, { bucket: Bucket, key: Key }, abortSignal) => {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3')
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })
    return { content: Buffer.from((await body?.transformToByteArray()) ?? []) }
  },
  delete: async (client, { bucket: Bucket, key: Key }, abortSignal) => {
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3')
    await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal })
    return {}
  },
}
