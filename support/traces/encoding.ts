import type { AttributeValue } from './trace.ts'

/** The ways in which a trace can be sent over OTLP. */
export const encodings = ['gRPC', 'HTTP protobuf', 'HTTP protobuf gzip', 'HTTP JSON'] as const
export type Encoding = (typeof encodings)[number]

/**
 * Why the OpenTelemetry library's protobuf encoder cannot express a value; undefined where it can. It takes JavaScript's
 * own values and has but one kind of number: one without a fraction goes out as an integer, any other as a double
 * (`writeAnyValue` in @opentelemetry/otlp-transformer). OTLP/JSON, which is encoded here, expresses everything.
 */
export function inexpressibleInProtobuf(value: AttributeValue): string | undefined {
  if ('int' in value) {
    const exact = BigInt(Number(value.int)) === value.int
    return exact ? undefined : `the integer ${value.int} is not exact as a JavaScript number`
  }
  if ('double' in value) {
    const becomesInteger = Number.isInteger(value.double) && Math.abs(value.double) < 2 ** 63
    return becomesInteger ? `the double ${value.double} has no fraction, so it would be sent as an integer` : undefined
  }
  if ('array' in value) return value.array.map(inexpressibleInProtobuf).find(reason => reason !== undefined)
  if ('map' in value)
    return Object.values(value.map)
      .map(inexpressibleInProtobuf)
      .find(reason => reason !== undefined)
  return undefined
}
