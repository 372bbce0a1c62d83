import { Unmet } from '../errors.ts'

/** A storage client's settings as the running system tells them. */
export interface StorageSettings {
  readonly bucket: string
  /** `storage.example:9000`, with or without a scheme. */
  readonly endpoint: string
  /** Plain HTTP. */
  readonly insecure: boolean
  readonly skipsVerification: boolean
  readonly accessKeyId: string
}

/** Accepts settings whose endpoint is this one, whatever way its default port is written. */
export const storesAt =
  (expected: URL) =>
  ({ endpoint, insecure }: StorageSettings): void => {
    const own = new URL(endpoint.includes('://') ? endpoint : `${insecure ? 'http' : 'https'}://${endpoint}`)
    if (placeOf(own) !== placeOf(expected))
      throw new Unmet(`its storage endpoint is ${placeOf(own)}, the target's is ${placeOf(expected)}`)
  }

/** Accepts settings that leave no way but verified HTTPS. */
export const overHttpsOnly = ({ endpoint, insecure, skipsVerification }: StorageSettings): void => {
  if (insecure || endpoint.startsWith('http://'))
    throw new Unmet(`it speaks plain HTTP to its storage at ${endpoint} (insecure: ${insecure})`)
  if (skipsVerification)
    throw new Unmet('it does not verify the certificate of its storage (tls_insecure_skip_verify: true)')
}

export const storesInBucket =
  (expected: string) =>
  ({ bucket }: StorageSettings): void => {
    if (bucket !== expected) throw new Unmet(`its bucket is "${bucket}", the target's is "${expected}"`)
  }

/** Accepts an account that is the system's own: the agreed one, and none that others sign in with. */
export const ownCredentials =
  (expected: string, ofOthers: readonly string[]) =>
  ({ accessKeyId }: StorageSettings): void => {
    if (accessKeyId !== expected)
      throw new Unmet('it signs in to its storage with another account than the target names as its own')
    if (ofOthers.includes(accessKeyId))
      throw new Unmet('it signs in to its storage with an account that others use too')
  }

/** Accepts a receiver that listens on this port, on whatever address. */
export const listensOn =
  (port: number) =>
  (endpoint: string | undefined): void => {
    if (endpoint === undefined) throw new Unmet('it has no OTLP gRPC receiver')
    const own = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))
    if (own !== port) throw new Unmet(`its OTLP gRPC receiver listens on port ${own}, expected ${port}`)
  }

function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}

/** Accepts a certificate that verified for its host. */
export const certificateVerifies = ({
  verified,
  reason,
}: {
  readonly verified: boolean
  readonly reason: string
}): void => {
  if (!verified) throw new Unmet(`its certificate does not verify: ${reason}`)
}
