import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frame, grpcReply, unframe } from './grpc.ts'

test('a message is framed, and is the same again without its frame', () => {
  const framed = frame(Buffer.from('abc'))
  assert.deepEqual(framed, Buffer.from([0, 0, 0, 0, 3, 97, 98, 99]))
  assert.deepEqual(unframe(framed), Buffer.from('abc'))
  assert.deepEqual(unframe(frame(Buffer.alloc(0))), Buffer.alloc(0))
})

test('what is compressed, cut off or more than one message is not unframed', () => {
  const framed = frame(Buffer.from('abc'))
  const compressed = Buffer.concat([Buffer.from([1]), framed.subarray(1)])
  for (const body of [compressed, framed.subarray(0, -1), Buffer.concat([framed, framed]), Buffer.alloc(4)])
    assert.throws(() => unframe(body), RangeError)
})

test('a failure is trailers alone, its message percent-encoded; a success is a message and trailers', () => {
  assert.deepEqual(grpcReply(14, 'größer: 100 %, né\n', Buffer.alloc(0)), {
    status: 200,
    headers: {
      'content-type': 'application/grpc',
      'grpc-status': '14',
      'grpc-message': 'gr%C3%B6%C3%9Fer: 100 %25, n%C3%A9%0A',
    },
    body: Buffer.alloc(0),
  })
  assert.deepEqual(grpcReply(0, '', Buffer.from('ab')), {
    status: 200,
    headers: { 'content-type': 'application/grpc' },
    body: Buffer.from([0, 0, 0, 0, 2, 97, 98]),
    trailers: { 'grpc-status': '0' },
  })
})
