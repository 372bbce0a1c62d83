import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Secret } from '../secret.ts'
import type { PairOutcome } from './proof.ts'
import { mergeProofs, type ProofEntry, type ProofsFile, readProofs, statesOf, writeProofs } from './proofs-file.ts'
import { settle } from './settle.ts'

const folder = mkdtempSync(join(tmpdir(), 'proofs-'))
after(() => rmSync(folder, { recursive: true }))

const pair = (fault: string, outcome: PairOutcome = 'noticed', text = 'x') => ({
  fault,
  outcome,
  text,
  tookMs: 1,
  when: 'now',
})

function entry(id: string, given: Partial<ProofEntry> = {}): ProofEntry {
  const some = { hash: 'aaa', state: 'unproven', cause: null, control: 'green', known: 2, when: 'now' } as const
  return settle({ id, ...some, faults: [], ...given })
}

function file(...requirements: ProofEntry[]): ProofsFile {
  const figures = { injected: 1, noticed: 1, falseAlarms: [] }
  return { schemaVersion: 1, when: 'now', versions: { tempo: '2' }, wallMs: 1, ...figures, requirements }
}

test('what is written is read again, without secrets, and nothing is left beside it', () => {
  new Secret('pass"word')
  const directory = join(folder, 'a')
  assert.equal(readProofs(directory), undefined)
  const path = writeProofs(directory, file(entry('a.b.1', { faults: [pair('one', 'noticed', 'said pass"word')] })))
  assert.deepEqual(readdirSync(directory), ['proofs.json'])
  assert.equal(readProofs(directory)?.requirements[0]?.faults[0]?.text, 'said [secret]')
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20))
  assert.equal(readProofs(directory), undefined)
})

test('a proof is stale when what it was about has changed; what was never proven is not', () => {
  const proofs = file(
    entry('a.b.1', { faults: [pair('one')] }),
    entry('a.b.2', { faults: [pair('one')] }),
    entry('a.b.3', { faults: [pair('one', 'missed')] }),
    entry('a.b.4'),
    entry('a.b.5', { faults: [pair('one')] }),
  )
  const now = new Map([
    ['a.b.1', 'aaa'],
    ['a.b.2', 'bbb'],
    ['a.b.3', 'aaa'],
    ['a.b.4', 'bbb'],
  ])
  assert.deepEqual(Object.fromEntries(statesOf(proofs, now)), {
    'a.b.1': 'proven',
    'a.b.2': 'stale',
    'a.b.3': 'contradicted',
    'a.b.4': 'unproven',
    'a.b.5': 'stale',
  })
})

const all = () => true

test('a run changes its own entries only, and what it did not bring about again stays', () => {
  const older = file(
    entry('a.b.2', { faults: [pair('one', 'missed'), pair('two')] }),
    entry('a.b.10', { faults: [pair('one')] }),
  )
  const newer = file(entry('a.b.2', { faults: [pair('one')] }), entry('a.b.1'))
  const merged = mergeProofs(older, newer, settle, all)
  assert.deepEqual(
    merged.requirements.map(({ id, state, faults }) => [
      id,
      state,
      faults.map(({ fault, outcome }) => `${fault} ${outcome}`),
    ]),
    [
      ['a.b.1', 'unproven', []],
      ['a.b.2', 'proven', ['two noticed', 'one noticed']],
      ['a.b.10', 'proven', ['one noticed']],
    ],
  )
})

test('what an older entry found of other words is forgotten, and so are faults that are gone', () => {
  const older = file(
    entry('a.b.1', { hash: 'old', faults: [pair('one')] }),
    entry('a.b.2', { faults: [pair('gone', 'missed')] }),
  )
  const newer = file(entry('a.b.1', { faults: [pair('two')] }), entry('a.b.2', { faults: [pair('two')] }))
  const merged = mergeProofs(older, newer, settle, id => id !== 'gone')
  assert.deepEqual(
    merged.requirements.map(({ state, faults }) => [state, faults.map(({ fault }) => fault)]),
    [
      ['proven', ['two']],
      ['proven', ['two']],
    ],
  )
})

test('an older fault that was missed keeps a requirement contradicted', () => {
  const older = file(entry('a.b.1', { faults: [pair('one', 'missed')] }))
  const merged = mergeProofs(older, file(entry('a.b.1', { faults: [pair('two')] })), settle, all)
  assert.equal(merged.requirements[0]?.state, 'contradicted')
})

test('what its pairs and its control come to', () => {
  const state = (given: Partial<ProofEntry>) => {
    const { state, cause } = entry('a.b.1', given)
    return [state, cause]
  }
  assert.deepEqual(state({ faults: [pair('one'), pair('two', 'green')] }), ['proven', null])
  assert.deepEqual(state({ control: 'accepted', faults: [pair('one')] }), ['proven', null])
  assert.deepEqual(state({ faults: [] }), ['unproven', 'no fault refutes it'])
  assert.deepEqual(state({ faults: [pair('in-time', 'green')] }), ['unproven', 'no fault refutes it'])
  assert.deepEqual(state({ faults: [pair('one'), pair('two', 'missed')] }), ['contradicted', 'two: x'])
  assert.deepEqual(state({ faults: [pair('one'), pair('two', 'not injected')] }), ['unproven', 'two: x'])
  assert.deepEqual(state({ faults: [pair('one'), pair('two', 'false alarm')] }), [
    'unproven',
    'two, which does not touch it: x',
  ])
  assert.deepEqual(state({ control: 'red', cause: 'violated: y', faults: [pair('one')] }), ['unproven', 'violated: y'])
  assert.deepEqual(state({ control: null, cause: 'needs a cluster' }), ['unproven', 'needs a cluster'])
})
