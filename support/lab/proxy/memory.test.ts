import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplyMemory } from './memory.ts'
import { asked, replied } from './testing/messages.ts'

const traceA = asked('/api/traces/0123456789abcdef0123456789abcdef?start=1700000000')
const traceB = asked('/api/traces/fedcba9876543210fedcba9876543210?start=1800000000')

test('the older answer is the first to the same request', () => {
  const memory = new ReplyMemory()
  assert.equal(memory.older(traceA), undefined)
  memory.note(traceA, replied('first', { status: 404 }))
  memory.note(traceA, replied('second'))
  memory.note({ ...traceA, method: 'POST' }, replied('another method'))
  assert.equal(memory.older(traceA)?.body.toString(), 'first')
  assert.equal(memory.older(traceB), undefined)
})

test("somebody else's answer is the last good one to another path of the same form", () => {
  const memory = new ReplyMemory()
  memory.note(traceA, replied('A'))
  assert.equal(memory.other(traceA), undefined)
  memory.note(asked('/api/search?q=0123456789abcdef'), replied('another form'))
  memory.note({ ...traceB, port: 'tempo.otlp-http' }, replied('another port'))
  assert.equal(memory.other(traceA), undefined)
  memory.note(traceB, replied('B', { status: 404 }))
  assert.equal(memory.other(traceA), undefined)
  memory.note(traceB, replied('B'))
  memory.note(traceA, replied('A again'))
  assert.equal(memory.other(traceA)?.body.toString(), 'B')
  assert.equal(memory.other(traceB)?.body.toString(), 'A again')
})

test('UUIDs are ids too, words and short numbers are none', () => {
  const memory = new ReplyMemory()
  memory.note(asked('/bucket/single-tenant/5dca9fb5-0d46-4b93-b8e4-1f6b7bd0a0a1/meta.json'), replied('one'))
  const block = '/bucket/single-tenant/00000000-1111-2222-3333-444444444444'
  assert.equal(memory.other(asked(`${block}/meta.json`))?.body.toString(), 'one')
  assert.equal(memory.other(asked(`${block}/index`)), undefined)
  memory.note(asked('/page/1'), replied('page 1'))
  assert.equal(memory.other(asked('/page/2')), undefined)
})
