import type { Envelope } from '@cucumber/messages'
import { redact } from '../secret.ts'

/** A message of Cucumber without the secrets that a server may have echoed; only these carry what servers and steps said. */
export function withoutSecrets(envelope: Envelope): Envelope {
  if (envelope.attachment === undefined && envelope.testStepFinished === undefined) return envelope
  const text = JSON.stringify(envelope, (_, value) => (typeof value === 'string' ? redact(value) : value))
  return JSON.parse(text) as Envelope
}
