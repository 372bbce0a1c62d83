import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFeature } from '../gherkin/features.ts'
import type { Registry } from '../requirements/registry.ts'
import { type Requirement, revision } from '../requirements/requirement.ts'
import type { LedgerLine } from './ledger.ts'
import { laterOf, matrixOf } from './matrix.ts'
import { totalsByDocument, totalsBySystem } from './totals.ts'
import { documentsTable, laterTable, standingTable } from './views.ts'

const requirement = (id: string, more: Partial<Requirement> = {}): Requirement => ({
  id,
  says: 'Tempo shall answer.',
  document: { id: id.split('.')[0] ?? '', title: 'A paper' },
  section: 'First',
  level: 'must',
  systems: ['tempo'],
  kind: 'runtime',
  disruptive: false,
  criteria: [],
  file: 'paper/one.yaml',
  line: 1,
  ...more,
})

const requirements = [
  requirement('paper.one.1'),
  requirement('paper.one.2', { says: 'Tempo shall keep it.' }),
  requirement('paper.one.3', { kind: 'cluster', later: 'needs a cluster', systems: ['tempo', 'mimir'] }),
  requirement('paper.one.4', { kind: 'human', systems: ['project'] }),
  requirement('other.one.1', { sameAs: 'paper.one.1' }),
  requirement('other.one.2', { kind: 'cluster', sameAs: 'paper.one.3' }),
]
const byId = new Map(requirements.map(each => [each.id, each]))
const registry: Registry = {
  requirements,
  byId,
  systems: { mimir: 'Grafana Mimir', project: 'The project', tempo: 'Grafana Tempo', loki: 'Grafana Loki' },
  nearest: () => [],
}
const now = revision({ says: 'Tempo shall answer.' })

const feature = `@tempo
Feature: Something

  @paper.one.1
  Rule: Tempo shall answer
    Revision: ${now}

    @slow
    Scenario: It answers
      Then it answers

  @paper.one.2
  Rule: Tempo shall keep it
    Revision: 00000000

    Scenario: It is there
      Then it is there
`
const line = (id: string, more: Partial<LedgerLine> = {}): [string, LedgerLine[]] => [
  id,
  [
    {
      id,
      runId: 'r',
      startedAt: '2026-01-01',
      target: 'lab',
      revision: now,
      verdict: 'satisfied',
      accepted: false,
      timeToTrueMs: 1,
      deadlineMs: null,
      scaled: false,
      message: null,
      ...more,
    },
  ],
]
const features = [{ file: 'features/tempo/some.feature', document: parseFeature(feature) }]
const byRequirement = new Map([line('paper.one.1'), line('other.one.1'), line('paper.one.2')])
const matrix = matrixOf(registry, features, { byRequirement }, new Map([['paper.one.1', 'proven']]))

test('each requirement has its scenarios or those of its twin, or a reason to have none', () => {
  assert.deepEqual(
    matrix.rows.map(({ requirement: { id }, coverage, scenarios, outdated, proof }) => [
      id,
      coverage,
      scenarios[0]?.line ?? null,
      outdated,
      proof,
    ]),
    [
      ['paper.one.1', 'scenario', 9, false, 'proven'],
      ['paper.one.2', 'scenario', 16, true, null],
      ['paper.one.3', 'later', null, false, null],
      ['paper.one.4', 'human', null, false, null],
      ['other.one.1', 'same as another', 9, false, 'proven'],
      ['other.one.2', 'later', null, false, null],
    ],
  )
  assert.equal(matrix.rows[0]?.scenarios[0]?.slow, true)
  assert.deepEqual(
    matrix.rows.map(row => laterOf(row, byId) ?? null),
    [null, null, 'needs a cluster', null, null, 'needs a cluster'],
  )
})

test('a verdict on another wording does not count as satisfied', () => {
  const [paper, other] = totalsByDocument(matrix)
  assert.deepEqual(
    [paper?.requirements, paper?.withScenario, paper?.satisfied, paper?.proven, paper?.human, paper?.later],
    [4, 2, 1, 1, 1, 1],
  )
  assert.deepEqual([other?.requirements, other?.satisfied, other?.later], [2, 1, 1])
})

test('a requirement of two systems stands with both, and what nobody needs is not shown', () => {
  assert.deepEqual(
    totalsBySystem(matrix).map(({ name, requirements }) => `${name} ${requirements}`),
    ['tempo 5', 'mimir 1', 'project 1'],
  )
  assert.deepEqual(standingTable(matrix).rows[0], ['Grafana Tempo', 5, 3, 0, 2])
})

test('the tables sum up', () => {
  assert.deepEqual(documentsTable(matrix).rows.at(-1), ['all', 6, 3, 2, 2, 1, 2, 3, 2, 0, 1])
  assert.deepEqual(laterTable(matrix, byId).rows[0], ['needs a cluster', 2, '33.3 %'])
})
