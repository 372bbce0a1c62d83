import { setTimeout as pause } from 'node:timers/promises'

const partsPerSecond = 10

/** The bytes in parts that come at so many bytes a second; all at once where that is not limited. */
export async function* paced(bytes: Buffer, bytesPerSecond: number | undefined): AsyncGenerator<Buffer> {
  if (bytesPerSecond === undefined) {
    yield bytes
    return
  }
  const size = Math.ceil(bytesPerSecond / partsPerSecond)
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size)
    await pause((part.length / bytesPerSecond) * 1_000)
    yield part
  }
}
