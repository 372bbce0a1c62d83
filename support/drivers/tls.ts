import { connect } from 'node:tls'
import { describeError, RequestError, TransientError } from '../errors.ts'
import type { Answer } from './answer.ts'

/** What a TLS handshake told of a server's certificate. */
export interface CertificateCheck {
  readonly verified: boolean
  /** Why it does not verify for that host, in the words of the TLS library. */
  readonly reason: string
}

/** Shakes hands with a server and tells whether its certificate verifies for that host. @throws TransientError where nobody answers */
export async function checkCertificate(
  url: URL,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Answer<CertificateCheck>> {
  const port = Number(url.port || 443)
  const request = `TLS handshake with ${url.hostname}:${port}`
  const startedAt = performance.now()
  const { promise, resolve, reject } = Promise.withResolvers<CertificateCheck>()
  const socket = connect({
    host: url.hostname,
    port,
    servername: serverName(url.hostname),
    rejectUnauthorized: false,
    ...(ca === undefined ? {} : { ca }),
  })
  const give = () => reject(signal.reason)
  signal.addEventListener('abort', give, { once: true })
  socket.once('secureConnect', () =>
    resolve({ verified: socket.authorized, reason: socket.authorized ? '' : describeError(socket.authorizationError) }),
  )
  socket.once('error', error => {
    const speaksNoTls = 'code' in error && String(error.code).startsWith('ERR_SSL')
    reject(
      speaksNoTls
        ? new RequestError(`${request}: ${error.message}`, { cause: error })
        : new TransientError(`${request}: ${describeError(error)}`, { cause: error, whose: 'environment' }),
    )
  })
  try {
    return { request, value: await promise, elapsedMs: performance.now() - startedAt }
  } finally {
    signal.removeEventListener('abort', give)
    socket.destroy()
  }
}

/** An address of numbers is no server name (RFC 6066, section 3). */
function serverName(hostname: string): string {
  return /^[\d.]+$|:/.test(hostname) ? '' : hostname
}
