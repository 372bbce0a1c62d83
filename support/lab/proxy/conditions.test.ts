import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Condition } from '../../faults/rule.ts'
import { holds, needsReply } from './conditions.ts'
import { asked, replied } from './testing/messages.ts'

const request = asked('/api/traces/0af1?mode=blocks', {
  headers: {
    'x-scope-orgid': 'tenant-7',
    'x-list': ['one', 'two'],
    authorization: 'AWS4-HMAC-SHA256 Credential=tempo-1a2b/20260101/us-east-1/s3/aws4_request, Signature=acceptance',
  },
  body: 'spän of service.name',
})

describe('a condition', () => {
  const cases: readonly [what: string, holding: Condition, other: Condition][] = [
    ['of the method', { method: 'GET' }, { method: 'GE' }],
    ['of the path with its query', { path: '^/api/traces/.*mode=blocks$' }, { path: '^/traces' }],
    ['of a header, whatever its case', { headers: { 'X-LIST': '^one, two$' } }, { headers: { 'x-list': 'three' } }],
    ['of a header that is not there', { headers: { missing: '^$' } }, { headers: { missing: '.' } }],
    ['of the tenant', { tenant: '^tenant-7$' }, { tenant: '^7' }],
    ['of the account, by how its key begins', { account: 'tempo' }, { account: 'acceptance' }],
    ['of the body', { body: 'spän of' }, { body: '^service' }],
    ['of everything that is given', { method: 'GET', tenant: '7' }, { method: 'PUT', tenant: '7' }],
  ]
  for (const [what, holding, other] of cases) {
    it(what, () => {
      assert.equal(holds(holding, request), true)
      assert.equal(holds(other, request), false)
    })
  }

  it('of nothing holds always', () => assert.equal(holds({}, request), true))

  it('of an account does not hold for who signed nothing', () => {
    assert.equal(holds({ account: 'tempo' }, asked('/')), false)
  })

  it('of the answer is decided when there is one', () => {
    const found = replied('{"traces":[]}')
    assert.equal(needsReply({ status: 200 }) && needsReply({ answer: 'x' }), true)
    assert.equal(needsReply({ path: 'x', body: 'y' }), false)
    assert.equal(holds({ status: 200 }, request), false)
    assert.equal(holds({ answer: '^' }, request), false)
    assert.equal(holds({ status: 200, answer: 'traces' }, request, found), true)
    assert.equal(holds({ status: 200 }, request, { ...found, status: 404 }), false)
    assert.equal(holds({ answer: 'spans' }, request, found), false)
    assert.equal(holds({ status: 200, method: 'PUT' }, request, found), false)
  })

  it('of a body sees through compression', () => {
    const headers = { 'content-encoding': 'gzip' }
    assert.equal(holds({ body: '^a span$' }, asked('/', { headers, body: gzipSync('a span') })), true)
    assert.equal(holds({ answer: '^a span$' }, request, replied(gzipSync('a span'), { headers })), true)
    assert.equal(holds({ body: '^no gzip$' }, asked('/', { headers, body: 'no gzip' })), true)
  })
})
