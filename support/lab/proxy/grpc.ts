import type { Reply } from './message.ts'

const prefixBytes = 5

/** One message as gRPC frames it: a byte that says whether it is compressed, its length in four bytes, and the message. */
export function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The message of a unary call. @throws RangeError where it is compressed, or not alone */
export function unframe(body: Buffer): Buffer {
  if (body.length < prefixBytes || body[0] !== 0 || body.readUInt32BE(1) !== body.length - prefixBytes)
    throw new RangeError('no single uncompressed gRPC message')
  return body.subarray(prefixBytes)
}

/**
 * The answer to a unary call: a message and its trailers, or trailers alone where it failed (gRPC over HTTP/2,
 * "Responses"; the message of a status is percent-encoded).
 */
export function grpcReply(status: number, message: string, body: Buffer): Reply {
  const trailers = {
    'grpc-status': String(status),
    ...(message === '' ? {} : { 'grpc-message': percentEncoded(message) }),
  }
  const headers = { 'content-type': 'application/grpc' }
  if (status !== 0) return { status: 200, headers: { ...headers, ...trailers }, body: Buffer.alloc(0) }
  return { status: 200, headers, body: frame(body), trailers }
}

/** Each byte of UTF-8 that is no printable character of ASCII, and the percent sign (gRPC over HTTP/2, "Percent-Encoded"). */
function percentEncoded(text: string): string {
  return text.replaceAll(/%|[^\x20-\x7e]+/g, other =>
    [...Buffer.from(other)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}
