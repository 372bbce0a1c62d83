import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultLike } from '../faults/testing/fault.ts'
import { entriesOf } from './entries.ts'
import { figuresOf } from './figures.ts'
import type { Pair, PairOutcome } from './proof.ts'

const pair = (fault: string, requirement: string, outcome: PairOutcome): Pair => ({
  fault,
  requirement,
  outcome,
  text: 'x',
  tookMs: 1,
})

const faults = [
  faultLike({ id: 'one', refutes: { 'a.b.1': 'x' }, leaves: ['a.b.2'] }),
  faultLike({ id: 'two', refutes: { 'a.b.1': 'x', 'a.b.2': 'x' } }),
  faultLike({ id: 'in-time', leaves: ['a.b.1'] }),
]

test('what goes on record of a requirement: its own faults, what was just in time, and alarms', () => {
  const entries = entriesOf({
    requirements: ['a.b.1', 'a.b.2', 'a.b.3'],
    hashes: new Map([['a.b.1', 'abc']]),
    controls: new Map([
      ['a.b.1', { state: 'green' }],
      ['a.b.2', { state: 'green' }],
      ['a.b.3', { state: 'red', cause: 'violated: y' }],
    ]),
    faults,
    pairs: [
      pair('one', 'a.b.1', 'noticed'),
      pair('one', 'a.b.2', 'green'),
      pair('two', 'a.b.2', 'noticed'),
      pair('in-time', 'a.b.1', 'green'),
      pair('one', 'a.b.9', 'false alarm'),
    ],
    unprovable: [{ id: 'a.c.1', cause: 'needs a cluster' }],
    when: 'now',
  })
  assert.deepEqual(
    entries.map(({ id, state, cause, known, faults: own }) => [id, state, cause, known, own.map(({ fault }) => fault)]),
    [
      ['a.b.1', 'proven', null, 2, ['one', 'in-time']],
      ['a.b.2', 'proven', null, 1, ['two']],
      ['a.b.3', 'unproven', 'violated: y', 0, []],
      ['a.c.1', 'unproven', 'needs a cluster', 0, []],
    ],
  )
  assert.equal(entries[0]?.hash, 'abc')
})

test('a false alarm under a fault of others is on record', () => {
  const [entry] = entriesOf({
    requirements: ['a.b.2'],
    hashes: new Map(),
    controls: new Map([['a.b.2', { state: 'green' }]]),
    faults,
    pairs: [pair('two', 'a.b.2', 'noticed'), pair('one', 'a.b.2', 'false alarm')],
    unprovable: [],
    when: 'now',
  })
  assert.deepEqual([entry?.state, entry?.cause], ['unproven', 'one, which does not touch it: x'])
})

test('a fault is noticed when every requirement that it touches noticed it; one that was not there does not count', () => {
  const figures = figuresOf([
    pair('one', 'a.b.1', 'noticed'),
    pair('one', 'a.b.2', 'green'),
    pair('two', 'a.b.1', 'noticed'),
    pair('two', 'a.b.2', 'missed'),
    pair('three', 'a.b.1', 'not injected'),
    pair('in-time', 'a.b.1', 'false alarm'),
  ])
  assert.deepEqual(
    { ...figures, falseAlarms: figures.falseAlarms.map(({ fault }) => fault) },
    { injected: 2, noticed: 1, falseAlarms: ['in-time'], quiet: 2, secondLooks: 0 },
  )
})
