import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresIn } from './figures.ts'

const read = (text: string) => figuresIn(text).map(({ value, unit }) => `${value} ${unit}`)

test('counts, sizes, shares, statuses and ports are read; what measures the same is one unit', () => {
  assert.deepEqual(read('2,000 spans a second stay within 1 GiB'), ['2000 span', '1073741824 byte'])
  assert.deepEqual(read('1024 MiB, 1.5 KB'), ['1073741824 byte', '1500 byte'])
  assert.deepEqual(read('10 acknowledged traces, 3 new queries, 75% of it'), ['10 trace', '3 query', '75 percent'])
  assert.deepEqual(read('It shall answer 404 on port 4317, or with status 200.'), [
    '404 status',
    '4317 port',
    '200 status',
  ])
})

test('durations, versions, dates, addresses and identifiers are no figures', () => {
  for (const text of [
    'within 5 seconds',
    '30 days',
    'version v1.5.3',
    '2026-11-21',
    '10.25.11.11',
    'T037',
    'port:4317',
    'v2 API',
  ])
    assert.deepEqual(read(text), [], text)
})
