import assert from 'node:assert/strict'
import { test } from 'node:test'
import pc from 'picocolors'
import type { Pair, PairOutcome } from '../proofs/proof.ts'
import type { ProofEntry } from '../proofs/proofs-file.ts'
import { settle } from '../proofs/settle.ts'
import { renderPair, renderProofReport } from './proof-report.ts'

const style = { width: 100, colors: pc.createColors(false) }

const pair = (fault: string, requirement: string, outcome: PairOutcome, text = 'it is so'): Pair => ({
  fault,
  requirement,
  outcome,
  text,
  tookMs: 1,
})

function entry(id: string, given: Partial<ProofEntry>): ProofEntry {
  const some = { hash: 'a', state: 'unproven', cause: null, control: 'green', known: 1, when: 'now' } as const
  return settle({ id, ...some, faults: [], ...given })
}

test('a pair is one line, cut off where it is too wide', () => {
  const line = renderPair(pair('query-loses-a-span', 'tempo-mimir.006.2', 'noticed', '3 of 4 spans'), 20, style)
  assert.equal(line, 'noticed       query-loses-a-span    tempo-mimir.006.2   3 of 4 spans')
  const wide = renderPair(pair('x', 'a.b.1', 'not injected', 'y'.repeat(200)), 20, style)
  assert.equal(wide.length, 100)
  const coloured = renderPair(pair('x', 'a.b.1', 'missed'), 1, { ...style, colors: pc.createColors(true) })
  assert.ok(coloured.startsWith(pc.createColors(true).red('missed')))
})

test('what is wrong is told in full, then what is not proven and why, then the figures', () => {
  const noticed = { fault: 'one', outcome: 'noticed', text: '', tookMs: 1, when: 'now' } as const
  const text = renderProofReport(
    {
      pairs: [
        pair('one', 'a.b.1', 'noticed'),
        pair('two', 'a.b.2', 'missed', 'satisfied'),
        pair('three', 'a.b.3', 'not injected', 'rule 1 struck nothing'),
        pair('in-time', 'a.b.1', 'green'),
        pair('one', 'a.b.9', 'false alarm', 'violated: z'),
      ],
      entries: [
        entry('a.b.1', { faults: [noticed] }),
        entry('a.b.2', { faults: [{ ...noticed, outcome: 'missed' }] }),
        entry('a.b.3', { faults: [{ ...noticed, outcome: 'not injected' }] }),
        entry('a.b.4', {}),
        entry('a.c.1', { control: null, cause: 'needs a cluster' }),
        entry('a.c.2', { control: null, cause: 'needs a cluster' }),
      ],
      missing: ['no generic fault for x'],
      wallMs: 90_000,
      file: 'reports/proofs.json',
    },
    style,
  )
  assert.equal(
    text,
    `contradicted: a fault was there, and was not noticed as it should be
  two  a.b.2  satisfied

false alarms: red without a reason
  one  a.b.9  violated: z

not injected: nothing is known of these
  three  a.b.3  rule 1 struck nothing

not proven
  no fault refutes it: a.b.4
  needs a cluster: a.c.1, a.c.2

no generic fault
  no generic fault for x

6 requirements: 1 proven, 1 contradicted, 4 unproven
detection rate 50 % (1 of 2 faults noticed), false alarms 1 of 2
in 1.5 min

written: reports/proofs.json`,
  )
})

test('where all is well there are only figures, and almost all is not all', () => {
  const pairs = Array.from({ length: 1_000 }, (_, index) =>
    pair(`f${index}`, 'a.b.1', index === 0 ? 'missed' : 'noticed'),
  )
  const report = { pairs, entries: [], missing: [], wallMs: 1_000, file: 'x' }
  assert.match(
    renderProofReport(report, style),
    /detection rate 99\.9 % \(999 of 1000 faults noticed\), false alarms 0 of 0/,
  )
  const good = renderProofReport({ ...report, pairs: pairs.slice(1) }, style)
  assert.match(good, /^0 requirements: 0 proven\ndetection rate 100 % /)
  assert.match(renderProofReport({ ...report, pairs: [] }, style), /no fault was injected/)
})
