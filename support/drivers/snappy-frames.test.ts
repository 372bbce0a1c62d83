import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framed } from './snappy-frames.ts'

test('bytes are framed with their length and their masked checksum', () => {
  // CRC-32C of "123456789" is e3069283 (RFC 3720, B.4, by the usual check value).
  const bytes = framed(new TextEncoder().encode('123456789'))
  assert.equal(bytes.subarray(0, 10).toString('hex'), 'ff060000734e61507059')
  assert.equal(bytes[10], 1)
  assert.equal(bytes.readUIntLE(11, 3), 13)
  const crc = 0xe3069283
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  assert.equal(bytes.readUInt32LE(14), masked)
  assert.equal(bytes.subarray(18).toString(), '123456789')
  assert.throws(() => framed(new Uint8Array(2 ** 16 + 1)), RangeError)
})
