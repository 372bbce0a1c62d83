import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as grpc from '@grpc/grpc-js'
import type { Address } from '../target/target.ts'
import { simpleTrace } from '../traces/simple-trace.ts'
import { sendOverGrpc, sendRawOverGrpc } from './otlp-grpc.ts'
import { type OtlpReceiver, type Outcome, otlpReceiver } from './testing/otlp-receiver.ts'

const servers: OtlpReceiver[] = []
after(() => {
  for (const server of servers) server[Symbol.dispose]()
})

const trace = simpleTrace({ run: 'test', scenario: 'otlp-grpc' })

async function receiver(...outcomes: Outcome[]): Promise<OtlpReceiver> {
  const started = await otlpReceiver(...outcomes)
  servers.push(started)
  return started
}

const signal = AbortSignal.timeout(20_000)

test('a push that is taken whole is acknowledged, on the monotonic clock', async () => {
  const { address, calls, metadata } = await receiver()
  const before = performance.now()
  const acknowledgement = await sendOverGrpc(address, trace, signal)
  assert.ok(acknowledgement.acknowledgedAt >= before && acknowledgement.acknowledgedAt <= performance.now())
  assert.ok(acknowledgement.elapsedMs > 0)
  assert.match(acknowledgement.request, /^gRPC http:\/\/127\.0\.0\.1:\d+\/opentelemetry/)
  assert.equal(calls.length, 1)
  assert.ok(calls[0]?.includes(Buffer.from(trace.traceId, 'hex')))
  assert.deepEqual(metadata[0]?.get('x-scope-orgid'), ['shop'])
})

test('a first refusal is seen, although a second attempt would succeed', async () => {
  const { address, calls } = await receiver({ code: grpc.status.UNAVAILABLE, details: 'ingester is starting' })
  await assert.rejects(sendOverGrpc(address, trace, signal), {
    name: 'TransientError',
    message: /UNAVAILABLE, ingester is starting$/,
  })
  assert.equal(calls.length, 1)
})

test('a full receiver may take it later, a message that is too large never', async () => {
  const { address } = await receiver(
    { code: grpc.status.RESOURCE_EXHAUSTED, details: 'RATE_LIMITED: ingestion rate limit exceeded' },
    { code: grpc.status.RESOURCE_EXHAUSTED, details: 'grpc: received message larger than max (5 vs. 4)' },
    { code: grpc.status.INVALID_ARGUMENT, details: 'trace ids must be 128 bit' },
  )
  await assert.rejects(sendOverGrpc(address, trace, signal), { name: 'TransientError', message: /RATE_LIMITED/ })
  await assert.rejects(sendOverGrpc(address, trace, signal), { name: 'RequestError', message: /larger than max/ })
  await assert.rejects(sendOverGrpc(address, trace, signal), { name: 'RequestError', message: /INVALID_ARGUMENT/ })
})

test('a partial success is a refusal', async () => {
  // partial_success (1) { rejected_spans (1): 2, error_message (2): "late" }
  const { address } = await receiver(
    Buffer.from([0x0a, 8, 0x08, 2, 0x12, 4, ...Buffer.from('late')]),
    Buffer.from([0x0a, 0]),
  )
  await assert.rejects(sendOverGrpc(address, trace, signal), {
    name: 'RequestError',
    whose: 'product',
    message: /taken only in part, 2 spans rejected: late$/,
  })
  await sendOverGrpc(address, trace, signal)
})

test('who is not let in has seen nothing of the product', async () => {
  const { address } = await receiver(
    { code: grpc.status.UNAUTHENTICATED, details: 'no credentials' },
    { code: grpc.status.PERMISSION_DENIED, details: 'not yours' },
    { code: grpc.status.UNAUTHENTICATED, details: 'no credentials' },
    { code: grpc.status.INVALID_ARGUMENT, details: 'not a span' },
  )
  const forbidden = { name: 'RequestError', whose: 'environment' }
  await assert.rejects(sendOverGrpc(address, trace, signal), {
    ...forbidden,
    message: /UNAUTHENTICATED, no credentials/,
  })
  await assert.rejects(sendOverGrpc(address, trace, signal), forbidden)
  await assert.rejects(sendRawOverGrpc(address, Buffer.alloc(0), signal), forbidden)
  await assert.rejects(sendOverGrpc(address, trace, signal), { name: 'RequestError', whose: 'product' })
})

test('an acknowledgement that cannot be read is none', async () => {
  const { address } = await receiver(Buffer.from([0x0a, 200, 1, 2]))
  await assert.rejects(sendOverGrpc(address, trace, signal), {
    name: 'RequestError',
    whose: 'product',
    message: /no ExportTraceServiceResponse/,
  })
})

test('nothing listening, a time-out and an end by the caller are told apart', async () => {
  const nobody: Address = { url: new URL('http://127.0.0.1:1'), headers: {} }
  const refused = { name: 'TransientError', message: /UNAVAILABLE.*ECONNREFUSED/ }
  await assert.rejects(sendOverGrpc(nobody, trace, signal), refused)
  await assert.rejects(sendRawOverGrpc(nobody, Buffer.alloc(0), signal), refused)
  const { address } = await receiver('silence', 'silence')
  const late = { name: 'TransientError', message: /no answer in time/ }
  await assert.rejects(sendOverGrpc(address, trace, AbortSignal.timeout(100)), late)
  const reason = new Error('interrupted')
  const controller = new AbortController()
  const sent = sendOverGrpc(address, trace, controller.signal)
  controller.abort(reason)
  await assert.rejects(sent, error => error === reason)
})

test('TLS towards a server that has none is definite', async () => {
  const { address } = await receiver()
  const secure: Address = { url: new URL(address.url.href.replace('http:', 'https:')), headers: {} }
  await assert.rejects(sendOverGrpc(secure, trace, signal), {
    name: 'RequestError',
    whose: 'environment',
    message: /check https or http/,
  })
})

test('raw bytes get the status and the message of the receiver, not judged', async () => {
  const { address, calls } = await receiver({ code: grpc.status.UNAVAILABLE, details: 'busy' }, Buffer.alloc(0))
  const busy = await sendRawOverGrpc(address, Buffer.from('anything'), signal)
  assert.deepEqual([busy.status, busy.message], ['UNAVAILABLE', 'busy'])
  assert.equal(calls[0]?.toString(), 'anything')
  assert.equal((await sendRawOverGrpc(address, Buffer.alloc(0), signal)).status, 'OK')
})
