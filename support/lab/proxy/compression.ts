import { gunzipSync } from 'node:zlib'
import { type Headers, headerOf } from './message.ts'

/** A body that its headers call compressed, without its compression; where it is not, or cannot be undone, as it is. */
export function uncompressed<Message extends { readonly headers: Headers; readonly body: Buffer }>(
  message: Message,
): Message {
  if (headerOf(message.headers, 'content-encoding') !== 'gzip') return message
  const { 'content-encoding': _, ...headers } = message.headers
  try {
    return { ...message, headers, body: gunzipSync(message.body) }
  } catch {
    return message
  }
}
