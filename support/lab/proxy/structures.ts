import type { Type } from 'protobufjs'
import type { PortName } from '../../faults/ports.ts'
import type { Structure } from './edits.ts'
import { frame, unframe } from './grpc.ts'
import { type Asked, type Headers, headerOf } from './message.ts'
import { exportTraceServiceRequest, exportTraceServiceResponse } from './otlp-messages.ts'
import type { Json } from './places.ts'

/** Protobuf bodies that can be read as data: where they are sent, and what they and their answers are. */
const messages: readonly {
  readonly port: PortName
  readonly path: RegExp
  readonly request: Type
  readonly response: Type
  readonly framed: boolean
}[] = [
  {
    port: 'tempo.otlp-grpc',
    path: /TraceService\/Export$/,
    request: exportTraceServiceRequest,
    response: exportTraceServiceResponse,
    framed: true,
  },
  {
    port: 'tempo.otlp-http',
    path: /\/v1\/traces$/,
    request: exportTraceServiceRequest,
    response: exportTraceServiceResponse,
    framed: false,
  },
]

const json: Structure = {
  decode: bytes => JSON.parse(bytes.toString('utf8')) as Json,
  encode: value => Buffer.from(JSON.stringify(value)),
}

/** How a body of this request, or of its answer, is read as data: as JSON, unless it is told to be a known message. */
export function structureOf({ port, path }: Asked, part: 'request' | 'response', headers: Headers): Structure {
  const binary = /protobuf|grpc/.test(headerOf(headers, 'content-type'))
  const known = messages.find(message => binary && message.port === port && message.path.test(path))
  return known === undefined ? json : protobuf(known[part], known.framed)
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
