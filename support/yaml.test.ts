import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { z } from 'zod'
import { readYaml } from './yaml.ts'

const endpoint = z.union([z.url(), z.strictObject({ url: z.url(), token: z.string().optional() })], {
  error: 'expected a URL or {url, token}',
})
const schema = z.strictObject({
  name: z.string(),
  places: z.array(z.strictObject({ at: endpoint.optional() })).default([]),
})

test('a sound document comes back as a value, with the lines of its entries', () => {
  const reading = readYaml('name: a\nplaces:\n  - at: http://a/\n', schema)
  assert.deepEqual(reading.value, { name: 'a', places: [{ at: 'http://a/' }] })
  assert.equal(reading.lineOf(['places', 0, 'at']), 3)
  assert.equal(reading.lineOf(['places', 7]), 2)
})

test('all faults are told, each with its line and path', () => {
  const reading = readYaml('nam: a\nplaces:\n  - at: 5\n  - at:\n      url: http://a/\n      tokn: x\n', schema)
  assert.equal(reading.value, undefined)
  assert.deepEqual(reading.faults, [
    { line: 1, path: 'name', message: 'is missing' },
    { line: 1, path: 'nam', message: 'unknown key; did you mean "name"?' },
    { line: 3, path: 'places.0.at', message: 'expected a URL or {url, token}' },
    { line: 6, path: 'places.1.at.tokn', message: 'unknown key; did you mean "token"?' },
  ])
})

test('of a value that may have several forms, the faults of the form that was meant are told', () => {
  assert.deepEqual(readYaml('name: a\nplaces:\n  - at:\n      url: 5\n', schema).faults, [
    { line: 4, path: 'places.0.at.url', message: 'expected string' },
  ])
})

test('a key that resembles none is answered with those that are known', () => {
  assert.match(
    readYaml('name: a\nelephant: 1\n', schema).faults[0]?.message ?? '',
    /unknown key; known are name, places/,
  )
})

test('malformed YAML and doubled keys are faults with their line', () => {
  assert.equal(readYaml('name: a\nplaces: [\n', schema).faults[0]?.line, 3)
  assert.deepEqual(readYaml('name: a\nname: b\n', schema).faults, [
    { line: 2, path: '', message: 'Map keys must be unique' },
  ])
})

test('an empty document says what is missing', () => {
  assert.deepEqual(readYaml('', schema).faults, [{ line: 1, path: '', message: 'is missing' }])
})

test('reads whatever yaml writes, and finds the line of each item', () => {
  const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null))
  const items = fc.array(fc.dictionary(fc.string({ minLength: 1 }), scalar, { noNullPrototype: true }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(items, list => {
      const text = stringify({ list })
      const { raw, lineOf } = readYaml(text, z.unknown())
      assert.deepEqual(raw, { list })
      const lines = text.split('\n')
      for (const [index] of list.entries()) assert.match(lines[lineOf(['list', index]) - 1] ?? '', /^ {2}- /)
    }),
  )
})

test('tells all mistakes of a text that is no YAML, each with its line', () => {
  const { faults, raw } = readYaml('a: [1\nb: "x\n---\nc: @\n', z.unknown())
  assert.equal(raw, undefined)
  assert.ok(faults.length > 1, JSON.stringify(faults))
})
