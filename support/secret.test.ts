import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { redact, Secret } from './secret.ts'

test('a secret is seen nowhere that it may be printed', () => {
  const value = randomBytes(12).toString('hex')
  const secret = new Secret(value)
  for (const printed of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    format('%s %o', secret, secret),
  ]) {
    assert.ok(!printed.includes(value), printed)
  }
  assert.equal(secret.reveal(), value)
})

test('an echo is taken out of a text: plain, in a URL, in base64', () => {
  const value = `p&ss/${randomBytes(9).toString('hex')}`
  new Secret(value)
  const echo = `got ${value}, ?token=${encodeURIComponent(value)}, ${Buffer.from(value).toString('base64')}`
  assert.ok(!/[0-9a-f]{18}/.test(redact(echo)), redact(echo))
})

test('the longer of two secrets goes first, so that no rest of it stays', () => {
  new Secret('abcd')
  new Secret('abcd-efgh-ijkl')
  assert.equal(redact('abcd-efgh-ijkl'), '[secret]')
})
