import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Generic } from '../faults/generic.ts'
import { faultLike } from '../faults/testing/fault.ts'
import type { Pair, PairOutcome } from '../proofs/proof.ts'
import { readProofs } from '../proofs/proofs-file.ts'
import type { Registry } from '../requirements/registry.ts'
import { record } from './prove-record.ts'

const reports = mkdtempSync(join(tmpdir(), 'prove-record-'))
after(() => rmSync(reports, { recursive: true }))

const bench = { labs: [{ versions: { tempo: '2.7.2' } }] } as unknown as Parameters<typeof record>[0]
const scenario = { name: 'It is', requirement: 'a.b.1', steps: ['it is'], disruptive: false, slow: false }
const order = {
  requirements: ['a.b.1'],
  unprovable: [{ id: 'a.c.1', cause: 'needs a cluster' }],
  registry: { byId: new Map([['a.b.1', { says: 'It shall.' }]]) } as unknown as Registry,
  generic: [] as Generic[],
  scenarios: [scenario],
  quick: false,
  reports,
}
const faults = ['one', 'two'].map(id => faultLike({ id, refutes: { 'a.b.1': 'x' } }))
const controls = new Map([['a.b.1', { state: 'green' as const }]])

const pair = (fault: string, outcome: PairOutcome): Pair => ({
  fault,
  requirement: 'a.b.1',
  outcome,
  text: 'x',
  tookMs: 1,
})

function found(...pairs: Pair[]) {
  return { startedAt: new Date(), pairs, faults, controls }
}

const faultsOnRecord = () => readProofs(reports)?.requirements[0]?.faults.map(each => `${each.fault} ${each.outcome}`)

test('what one run found stands beside what others found of other faults; generated ones stay until they are made anew', () => {
  const first = record(bench, order, found(pair('one', 'missed'), pair('late/a.b.1/query', 'noticed')))
  assert.deepEqual(
    first.entries.map(({ id, state, cause }) => [id, state, cause]),
    [
      ['a.b.1', 'contradicted', 'one: x'],
      ['a.c.1', 'unproven', 'needs a cluster'],
    ],
  )
  const { versions, injected, noticed } = readProofs(reports) ?? assert.fail('nothing was written')
  assert.deepEqual([versions, injected, noticed], [{ tempo: '2.7.2' }, 2, 1])

  const second = record(bench, order, found(pair('one', 'noticed')))
  assert.equal(second.entries[0]?.state, 'proven')
  assert.deepEqual(faultsOnRecord(), ['late/a.b.1/query noticed', 'one noticed'])

  const generic = [{ kind: 'query' }] as unknown as Generic[]
  record(bench, { ...order, generic }, found(pair('two', 'noticed')))
  assert.deepEqual(faultsOnRecord(), ['one noticed', 'two noticed'])
})
