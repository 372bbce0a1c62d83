import * as grpc from '@grpc/grpc-js'
import type { Address } from '../../target/target.ts'

/** An error, the bytes of an answer, or no answer at all. */
export type Outcome = Partial<grpc.ServiceError> | Buffer | 'silence'

/** A real OTLP gRPC server for tests. */
export interface OtlpReceiver extends Disposable {
  readonly address: Address
  /** The requests that reached it. */
  readonly calls: Buffer[]
  readonly metadata: grpc.Metadata[]
}

const identity = (bytes: Buffer) => bytes

/** A receiver that gives these outcomes in turn, and counts the calls that reached it. */
export async function otlpReceiver(...outcomes: Outcome[]): Promise<OtlpReceiver> {
  const calls: Buffer[] = []
  const metadata: grpc.Metadata[] = []
  const server = new grpc.Server()
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const unary = { path, requestStream: false, responseStream: false }
  const codecs = {
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  }
  server.addService(
    { Export: { ...unary, ...codecs } },
    {
      Export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, respond: grpc.sendUnaryData<Buffer>) => {
        calls.push(call.request)
        metadata.push(call.metadata)
        const outcome = outcomes[calls.length - 1] ?? Buffer.alloc(0)
        if (outcome === 'silence') return
        if (Buffer.isBuffer(outcome)) respond(null, outcome)
        else respond(outcome)
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  return {
    address: { url: new URL(`http://127.0.0.1:${port}`), headers: { 'X-Scope-OrgID': 'shop' } },
    calls,
    metadata,
    [Symbol.dispose]: () => server.forceShutdown(),
  }
}
