/** The stream identifier: a chunk of type 0xff (snappy, framing_format.txt). */
const identifier = Buffer.from('ff060000734e61507059', 'hex')
const uncompressedChunk = 0x01
/** Castagnoli's polynomial, its bits reversed. */
const polynomial = 0x82f63b78
const maskDelta = 0xa282ead8

/** Bytes in snappy's framed format, as one chunk that is not compressed; at most 64 KiB. */
export function framed(bytes: Uint8Array): Buffer {
  if (bytes.length > 2 ** 16) throw new RangeError('a chunk holds at most 64 KiB')
  const header = Buffer.alloc(8)
  header.writeUInt8(uncompressedChunk)
  header.writeUIntLE(bytes.length + 4, 1, 3)
  header.writeUInt32LE(masked(checksum(bytes)), 4)
  return Buffer.concat([identifier, header, bytes])
}

/** CRC-32C. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * polynomial)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0
}
