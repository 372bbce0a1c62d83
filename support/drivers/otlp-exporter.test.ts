import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as grpc from '@grpc/grpc-js'
import { RequestError, TransientError } from '../errors.ts'
import { simpleTrace } from '../traces/simple-trace.ts'
import { exportOverGrpc } from './otlp-exporter.ts'
import { otlpReceiver } from './testing/otlp-receiver.ts'

const trace = simpleTrace({ run: 'test', scenario: 'otlp-exporter' })
const unavailable = { code: grpc.status.UNAVAILABLE, details: 'not now' }

test('a push that was taken is acknowledged, with the headers of the address', async () => {
  using receiver = await otlpReceiver()
  const { request } = await exportOverGrpc(receiver.address, trace, 1_000)
  assert.match(request, /^gRPC http:\/\/127\.0\.0\.1:\d+/)
  assert.equal(receiver.calls.length, 1)
  assert.deepEqual(receiver.metadata[0]?.get('x-scope-orgid'), ['shop'])
  assert.ok(receiver.calls[0]?.includes(Buffer.from(trace.traceId, 'hex')))
})

test('a first refusal is seen, although a second attempt would succeed', async () => {
  using receiver = await otlpReceiver(unavailable)
  await assert.rejects(exportOverGrpc(receiver.address, trace, 5_000), TransientError)
})

test('a refusal for good is told with its status', async () => {
  using receiver = await otlpReceiver({ code: grpc.status.INVALID_ARGUMENT, details: 'no trace id' })
  await assert.rejects(exportOverGrpc(receiver.address, trace, 1_000), error => {
    assert.ok(error instanceof RequestError)
    assert.match(error.message, /no trace id/)
    return true
  })
})

test('silence ends with the time-out', async () => {
  using receiver = await otlpReceiver('silence')
  const startedAt = performance.now()
  await assert.rejects(exportOverGrpc(receiver.address, trace, 200), TransientError)
  assert.ok(performance.now() - startedAt < 2_000)
})

test('what was taken in part only is no acknowledgement', async () => {
  // ExportTraceServiceResponse: partial_success (field 1) with rejected_spans (field 1) of 2.
  using receiver = await otlpReceiver(Buffer.from([0x0a, 0x02, 0x08, 0x02]))
  await assert.rejects(exportOverGrpc(receiver.address, trace, 1_000), RequestError)
})
