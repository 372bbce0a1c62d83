import { describeError } from '../errors.ts'
import { redact } from '../secret.ts'

/** Why something could not be reached, and what a person can do about it. */
export interface Cause {
  readonly cause: string
  readonly advice: string
}

const byCode: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: { cause: 'connection refused', advice: 'nothing listens there: start it, or correct the address' },
  ENOTFOUND: { cause: 'unknown host (DNS)', advice: 'correct the host name, or run where it can be resolved' },
  EAI_AGAIN: {
    cause: 'no name server answered (DNS)',
    advice: 'check the network and the name server of this machine',
  },
  ECONNRESET: {
    cause: 'connection reset',
    advice: 'check that http or https in the address is what the server speaks',
  },
  EHOSTUNREACH: { cause: 'no route to the host', advice: 'check the network between this machine and the target' },
  ENETUNREACH: { cause: 'no route to the network', advice: 'check the network between this machine and the target' },
}

/** A failed request or connection in words; `limitMs` is what it was given. */
export function causeOf(error: unknown, limitMs: number): Cause {
  const code = codeOf(error)
  const known = byCode[code]
  if (known !== undefined) return known
  if (isTimeout(error, code)) {
    return {
      cause: `no answer within ${limitMs / 1000} s`,
      advice: 'check that it is up and that no firewall is between',
    }
  }
  if (isTls(error, code)) {
    return {
      cause: `TLS: ${describeError(innermost(error))}`,
      advice:
        'correct the certificate, the host name or http/https in the address; name a private authority with caFile',
    }
  }
  return { cause: describeError(error), advice: 'check the address' }
}

/** An answer that says no, in words. */
export function causeOfStatus(status: number, text: string): Cause {
  // Before it is cut: half a secret would not be found any more.
  const said = redact(text).trim().replaceAll(/\s+/g, ' ').slice(0, 200)
  const answer = said === '' ? String(status) : `${status}, ${said}`
  if (status === 401 || status === 403) {
    return { cause: `credentials not accepted (${answer})`, advice: 'set or correct basicAuth, bearerToken or headers' }
  }
  if (status === 404)
    return { cause: `not found (${answer})`, advice: 'correct the address: this is not the system expected there' }
  if (status === 503) return { cause: `not ready (${answer})`, advice: 'wait until it is ready, or read its log' }
  return { cause: `answered ${answer}`, advice: 'read its log' }
}

/**
 * An error of the S3 client in words: S3's own error codes are the names of its errors.
 * @param bucket which was to be read; undefined: the list of buckets
 */
export function causeOfStorage(error: unknown, bucket: string | undefined, limitMs: number): Cause {
  const name = error instanceof Error ? error.name : ''
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  if (name === 'NoSuchBucket')
    return { cause: `there is no bucket ${bucket}`, advice: 'create it, or correct its name' }
  if (['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken'].includes(name)) {
    return {
      cause: `storage credentials refused (${name})`,
      advice: 'correct s3.credentials: key, secret and session token',
    }
  }
  if (status === 401 || status === 403) {
    const right = bucket === undefined ? 'list the buckets' : `list and read the bucket ${bucket}`
    return { cause: `storage credentials refused (${name})`, advice: `let them ${right}` }
  }
  if (status !== undefined && status >= 300) return causeOfStatus(status, describeError(error))
  return causeOf(error, limitMs)
}

function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return codeOf(error.cause)
}

function isTimeout(error: unknown, code: string): boolean {
  const name = error instanceof Error ? error.name : ''
  return name === 'TimeoutError' || name === 'AbortError' || code === 'ETIMEDOUT' || code.includes('_TIMEOUT')
}

/** Node's codes of OpenSSL (https://nodejs.org/api/tls.html#x509-certificate-error-codes) and of its own TLS. */
function isTls(error: unknown, code: string): boolean {
  return /CERT|TLS|SSL|EPROTO|UNABLE_TO_|CRL/.test(code) || /certificate/.test(describeError(error))
}
