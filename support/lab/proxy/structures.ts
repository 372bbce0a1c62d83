import type { Type } from 'protobufjs'
import { compressSync, uncompressSync } from 'snappy'
import { requestType2, writeRequestType } from '../../drivers/remote-write-protobuf.ts'
import type { PortName } from '../../faults/ports.ts'
import type { Structure } from './edits.ts'
import { frame, unframe } from './grpc.ts'
import { type Asked, type Headers, headerOf } from './message.ts'
import { exportTraceServiceRequest, exportTraceServiceResponse } from './otlp-messages.ts'
import type { Json } from './places.ts'

/** What is around a message. */
interface Packing {
  unpack(bytes: Buffer): Uint8Array
  pack(bytes: Buffer): Buffer
}

const plain: Packing = { unpack: bytes => bytes, pack: bytes => bytes }
const grpc: Packing = { unpack: unframe, pack: frame }
/** Snappy's block format. */
const snappy: Packing = { unpack: bytes => uncompressSync(bytes, { asBuffer: true }) as Buffer, pack: compressSync }

/** Protobuf bodies that can be read as data: where they are sent, and what they and their answers are. */
const messages: readonly {
  readonly port: PortName
  readonly path: RegExp
  /** Where one path takes several messages. */
  readonly contentType?: RegExp
  readonly request: Type
  /** Undefined where it is none. */
  readonly response?: Type
  readonly packing: Packing
}[] = [
  {
    port: 'tempo.otlp-grpc',
    path: /TraceService\/Export$/,
    request: exportTraceServiceRequest,
    response: exportTraceServiceResponse,
    packing: grpc,
  },
  {
    port: 'tempo.otlp-http',
    path: /\/v1\/traces$/,
    request: exportTraceServiceRequest,
    response: exportTraceServiceResponse,
    packing: plain,
  },
  {
    port: 'mimir.http',
    path: /\/api\/v1\/push$/,
    contentType: /write\.v2/,
    request: requestType2('double'),
    packing: snappy,
  },
  { port: 'mimir.http', path: /\/api\/v1\/push$/, request: writeRequestType('double'), packing: snappy },
]

const json: Structure = {
  decode: bytes => JSON.parse(bytes.toString('utf8')) as Json,
  encode: value => Buffer.from(JSON.stringify(value)),
}

/** How a body of this request, or of its answer, is read as data: as JSON, unless it is told to be a known message. */
export function structureOf({ port, path }: Asked, part: 'request' | 'response', headers: Headers): Structure {
  const contentType = headerOf(headers, 'content-type')
  const binary = /protobuf|grpc/.test(contentType)
  const known = messages.find(
    message =>
      binary &&
      message.port === port &&
      message.path.test(path) &&
      (message.contentType === undefined || message.contentType.test(contentType)),
  )
  const type = known?.[part]
  return known === undefined || type === undefined ? json : protobuf(type, known.packing)
}

/** Bytes in base64 and 64-bit numbers as strings, so that all can be written down in JSON. */
function protobuf(type: Type, { pack, unpack }: Packing): Structure {
  return {
    decode: bytes => {
      const message = type.decode(unpack(bytes))
      return type.toObject(message, { bytes: String, longs: String }) as Json
    },
    encode: value => {
      return pack(Buffer.from(type.encode(type.fromObject(value as Record<string, unknown>)).finish()))
    },
  }
}
