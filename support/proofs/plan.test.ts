import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../faults/fault.ts'
import { faultLike } from '../faults/testing/fault.ts'
import { planInjections, quickSelection } from './plan.ts'
import { withoutFault, withoutScenario } from './uncovered.ts'

const fault = (id: string, refuted: readonly string[], given: Partial<Fault> = {}): Fault =>
  faultLike({ id, refutes: Object.fromEntries(refuted.map(each => [each, 'x'])), ...given })
const wanted = (...requirements: string[]) => ({ requirements: new Set(requirements), faults: undefined })

test('a fault is brought about for the wanted requirements that it touches, and for all that it leaves', () => {
  const faults = [
    fault('one', ['a.b.1', 'a.b.2'], { leaves: ['a.b.9'] }),
    fault('two', ['a.b.2'], { leaves: ['a.b.1'] }),
    fault('three', [], { mends: ['a.b.1'], undecides: { 'a.b.3': { whose: 'harness', shows: 'x' } } }),
    fault('just', [], { leaves: ['a.b.1'] }),
    fault('other', [], { leaves: ['a.b.8'] }),
  ]
  assert.deepEqual(
    planInjections(faults, wanted('a.b.1')).map(({ fault: { id }, touched, left }) => [id, touched, left]),
    [
      ['one', ['a.b.1'], ['a.b.9']],
      ['three', ['a.b.1'], []],
      ['just', [], ['a.b.1']],
    ],
  )
  const named = { ...wanted('a.b.1', 'a.b.2'), faults: new Set(['two']) }
  assert.deepEqual(
    planInjections(faults, named).map(({ fault: { id } }) => id),
    ['two'],
  )
})

test('the quick selection covers each requirement once, with few faults', () => {
  const faults = [
    fault('small', ['a.b.1']),
    fault('large', ['a.b.1', 'a.b.2', 'a.b.3']),
    fault('rest', ['a.b.3', 'a.b.4']),
    fault('slow', ['a.b.1', 'a.b.2', 'a.b.3', 'a.b.4'], { slow: true }),
    fault('needed', ['a.b.5'], { slow: true }),
    fault('mend', [], { mends: ['a.b.6'] }),
    fault('undecide', [], { undecides: { 'a.b.7': { whose: 'harness', shows: 'x' } } }),
  ]
  const all = wanted('a.b.1', 'a.b.2', 'a.b.3', 'a.b.4', 'a.b.5', 'a.b.6', 'a.b.7')
  const chosen = quickSelection(planInjections(faults, all))
  assert.deepEqual(
    chosen.map(({ fault: { id }, touched }) => [id, touched]),
    [
      ['large', ['a.b.1', 'a.b.2', 'a.b.3']],
      ['rest', ['a.b.4']],
      ['mend', ['a.b.6']],
      ['needed', ['a.b.5']],
    ],
  )
})

test('of faults that cover the same, the quick selection takes one that shows what it leaves, and needs no restart', () => {
  const faults = [
    fault('restart', ['a.b.1'], { servers: { tempo: faultyTempo } }),
    fault('plain', ['a.b.1']),
    fault('controlled', ['a.b.1'], { leaves: ['a.b.2'] }),
  ]
  const [chosen] = quickSelection(planInjections(faults, wanted('a.b.1')))
  assert.equal(chosen?.fault.id, 'controlled')
  const [other] = quickSelection(planInjections(faults.slice(0, 2), wanted('a.b.1')))
  assert.equal(other?.fault.id, 'plain')
})

const faultyTempo = { configuration: {}, environment: {}, loses: ['wal'], staysDown: false }

test('requirements that nothing proves are told', () => {
  const faults = [
    fault('one', ['a.b.1'], { mends: ['a.b.2'], undecides: { 'a.b.3': { whose: 'harness', shows: 'x' } } }),
  ]
  assert.deepEqual(withoutFault(['a.b.1', 'a.b.2', 'a.b.3'], faults), [{ id: 'a.b.3', cause: 'no fault refutes it' }])
  const registry = {
    requirements: [
      { id: 'a.b.1', systems: ['tempo'] },
      { id: 'a.b.2', systems: ['tempo'], later: 'needs a cluster' },
      { id: 'a.b.3', systems: ['mimir'], later: 'planned' },
    ],
  }
  assert.deepEqual(withoutScenario(registry as unknown as Parameters<typeof withoutScenario>[0], ['tempo']), [
    { id: 'a.b.2', cause: 'needs a cluster' },
  ])
})
