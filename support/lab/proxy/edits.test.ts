import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Edit } from '../../faults/rule.ts'
import { applyEdits } from './edits.ts'
import type { Json } from './places.ts'

const json = {
  decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as Json,
  encode: (value: Json) => Buffer.from(JSON.stringify(value)),
}

function edit(text: string, ...edits: Edit[]): { text: string; changed: boolean } {
  const { bytes, changed } = applyEdits(Buffer.from(text), edits, json)
  return { text: bytes.toString(), changed }
}

test('edits by place change data', () => {
  const text = '{"list":[{"n":1},{"n":2}],"end":"1700000000123456789"}'
  assert.equal(edit(text, { drop: 'list.0' }).text, '{"list":[{"n":2}],"end":"1700000000123456789"}')
  assert.equal(edit(text, { double: 'list.1' }).text, '{"list":[{"n":1},{"n":2},{"n":2}],"end":"1700000000123456789"}')
  assert.equal(
    edit(text, { set: { list: [], fresh: { a: null } } }).text,
    '{"list":[],"end":"1700000000123456789","fresh":{"a":null}}',
  )
  assert.equal(edit(text, { add: { 'list.*.n': -3 } }).text, '{"list":[{"n":-2},{"n":-1}],"end":"1700000000123456789"}')
})

test('64-bit integers, which are written as strings, stay exact', () => {
  assert.equal(edit('{"end":"1700000000123456789"}', { add: { end: 1 } }).text, '{"end":"1700000000123456790"}')
  assert.equal(edit('{"end":"-9223372036854775808"}', { add: { end: 1 } }).text, '{"end":"-9223372036854775807"}')
})

test('what is set in several places is not shared by them, nor with the rule', () => {
  const set = { 'list.*': { n: 1 }, 'list.0.n': 2 }
  assert.equal(edit('{"list":[0,0]}', { set }).text, '{"list":[{"n":2},{"n":1}]}')
  assert.deepEqual(set, { 'list.*': { n: 1 }, 'list.0.n': 2 })
})

test('edits on the text replace the first or all, with groups, and leave lines out', () => {
  assert.equal(edit('a-1 a-2', { replace: 'a\\-(\\d)', with: 'b$1' }).text, 'b1 a-2')
  assert.equal(edit('a-1 a-2', { replace: 'a-(\\d)', with: 'b$1', all: true }).text, 'b1 b2')
  assert.equal(edit('one\ntwo\nthree\n', { dropLines: '^t' }).text, 'one\n')
  assert.equal(edit('# x\n', { replace: '^', with: 'first\n' }).text, 'first\n# x\n')
})

test('a byte can be inverted, counted from either end', () => {
  const bytes = Buffer.from([1, 2, 0xff])
  assert.deepEqual(applyEdits(bytes, [{ invertByte: 0 }], json).bytes, Buffer.from([0xfe, 2, 0xff]))
  assert.deepEqual(applyEdits(bytes, [{ invertByte: -1 }], json).bytes, Buffer.from([1, 2, 0]))
  assert.deepEqual(bytes, Buffer.from([1, 2, 0xff]))
})

test('an edit that finds no place changes nothing, and says so', () => {
  const misses: readonly [text: string, ...edits: Edit[]][] = [
    ['{"a":[],"b":"x"}', { drop: 'a.0' }, { double: 'a.-1' }, { double: 'a' }, { add: { b: 1 } }, { add: { c: 1 } }],
    ['{"a":1}', { set: { 'b.c': 1 } }],
    ['no data', { drop: 'a' }, { set: { a: 1 } }],
    ['', { drop: 'a' }],
    ['text', { replace: 'no', with: 'yes' }, { dropLines: '^no' }, { invertByte: 4 }, { invertByte: -5 }],
  ]
  for (const [text, ...edits] of misses) {
    for (const one of edits) assert.deepEqual(edit(text, one), { text, changed: false }, JSON.stringify(one))
  }
})

test('one edit of several that finds its place is enough, and they are made in turn', () => {
  assert.deepEqual(edit('{"a":1}', { drop: 'b' }, { set: { c: 2 } }, { add: { c: 1 } }), {
    text: '{"a":1,"c":3}',
    changed: true,
  })
})
