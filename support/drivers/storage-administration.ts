import { z } from 'zod'
import { NotApplicable, RequestError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { ObjectStorage, StorageCredentials } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { excerpt, type HttpAnswer, request, urlOf } from './http.ts'
import { Sha256 } from './sha256.ts'

const userStatuses = ['enabled', 'disabled'] as const
export type UserStatus = (typeof userStatuses)[number]

/**
 * MinIO's administration interface, signed as S3 requests are (cmd/admin-router.go of github.com/minio/minio). The calls
 * used here are those whose bodies are not encrypted.
 */
export class StorageAdministration {
  readonly #storage: ObjectStorage
  readonly #credentials: StorageCredentials

  /** @throws NotApplicable where the target names no account of administration */
  constructor(storage: ObjectStorage) {
    if (storage.administration === undefined) {
      throw new NotApplicable('the target file has no s3.administration, an account that may disable storage users')
    }
    this.#storage = storage
    this.#credentials = storage.administration.credentials
  }

  /** Disables or enables a user. The account itself, root and service accounts cannot be switched. */
  async setUserStatus(accessKey: string, status: UserStatus, signal: AbortSignal): Promise<Answer<UserStatus>> {
    const answer = await this.#ask('PUT', '/minio/admin/v3/set-user-status', { accessKey, status }, signal)
    return { request: answer.request, elapsedMs: answer.elapsedMs, value: status }
  }

  /** @throws RequestError where there is no such user */
  async userStatus(accessKey: string, signal: AbortSignal): Promise<Answer<UserStatus>> {
    const answer = await this.#ask('GET', '/minio/admin/v3/user-info', { accessKey }, signal)
    const parsed = z.object({ status: z.enum(userStatuses) }).safeParse(jsonOf(answer))
    if (!parsed.success) throw new RequestError(`${answer.request}: no status of a user in ${excerpt(answer.body)}`)
    return { request: answer.request, elapsedMs: answer.elapsedMs, value: parsed.data.status }
  }

  async #ask(
    method: 'GET' | 'PUT',
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const address = {
      url: this.#storage.endpoint,
      headers: {} as Record<string, string | Secret>,
      ...(this.#storage.ca === undefined ? {} : { ca: this.#storage.ca }),
    }
    const { SignatureV4 } = await import('@smithy/signature-v4')
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials
    const url = urlOf(address, path)
    const signer = new SignatureV4({
      service: 's3',
      region: this.#storage.region,
      sha256: Sha256,
      uriEscapePath: false,
      credentials: {
        accessKeyId: accessKeyId.reveal(),
        secretAccessKey: secretAccessKey.reveal(),
        ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
      },
    })
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { host: url.host },
    })
    const { host: _, ...signed } = headers
    return await request(address, { method, path, query, headers: signed, signal })
  }
}

function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch {
    return undefined
  }
}
