import { gunzipSync } from 'node:zlib'
import type { Type } from 'protobufjs'
import type { PortName } from '../../faults/ports.ts'
import type { Structure } from './edits.ts'
import { frame, unframe } from './grpc.ts'
import { type Asked, type Headers, headerOf } from './message.ts'
import { exportTraceServiceRequest } from './otlp-messages.ts'
import type { Json } from './places.ts'

/** Protobuf bodies that can be read as data: where they are sent, and what they are. */
const messages: readonly {
  readonly port: PortName
  readonly path: RegExp
  readonly type: Type
  readonly framed: boolean
}[] = [
  { port: 'tempo.otlp-grpc', path: /TraceService\/Export$/, type: exportTraceServiceRequest, framed: true },
  { port: 'tempo.otlp-http', path: /\/v1\/traces$/, type: exportTraceServiceRequest, framed: false },
]

const json: Structure = {
  decode: bytes => JSON.parse(bytes.toString('utf8')) as Json,
  encode: value => Buffer.from(JSON.stringify(value)),
}

/** How a body of this request, or of its answer, is read as data; undefined where it cannot be. */
export function structureOf({ port, path }: Asked, headers: Headers): Structure | undefined {
  const type = headerOf(headers, 'content-type')
  if (type.includes('json')) return json
  const known = messages.find(message => message.port === port && message.path.test(path))
  return known === undefined || !/protobuf|grpc/.test(type) ? undefined : protobuf(known.type, known.framed)
}

/** Bytes in base64 and 64-bit numbers as strings, so that all can be written down in JSON. */
function protobuf(type: Type, framed: boolean): Structure {
  return {
    decode: bytes => {
      const message = type.decode(framed ? unframe(bytes) : bytes)
      return type.toObject(message, { bytes: String, longs: String }) as Json
    },
    encode: value => {
      const bytes = Buffer.from(type.encode(type.fromObject(value as Record<string, unknown>)).finish())
      return framed ? frame(bytes) : bytes
    },
  }
}

/** A request's body without its compression, and the headers that say so no more. */
export function uncompressed(headers: Headers, body: Buffer): { readonly headers: Headers; readonly body: Buffer } {
  if (headerOf(headers, 'content-encoding') !== 'gzip') return { headers, body }
  const { 'content-encoding': _, ...others } = headers
  return { headers: others, body: gunzipSync(body) }
}
