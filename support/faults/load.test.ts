import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { UsageError } from '../errors.ts'
import { loadScenarios } from '../gherkin/features.ts'
import { project } from '../proofs/scenario-texts.ts'
import { withoutFault } from '../proofs/uncovered.ts'
import { loadRegistry, type Registry } from '../requirements/registry.ts'
import { requirementOf } from '../tags.ts'
import type { Catalogue } from './catalogue.ts'
import { loadFaults } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'faults-'))
after(() => rmSync(folder, { recursive: true }))

const known = ['a.b.1', 'a.b.2', 'a.b.3', 'a.b.8', 'a.b.9']
const registry = {
  byId: new Map(
    known.map(id => [
      id,
      { id, ...(id === 'a.b.8' && { later: 'planned' }), ...(id === 'a.b.9' && { sameAs: 'a.b.1' }) },
    ]),
  ),
  nearest: () => known.slice(0, 2),
} as unknown as Registry

/** Loads files of these texts, by name. */
function loadAll(texts: Readonly<Record<string, string>>): Catalogue {
  const own = mkdtempSync(join(folder, 'files-'))
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(own, name), text)
  return loadFaults(registry, own)
}

const load = (text: string): Catalogue => loadAll({ 'faults.yaml': text })

/** What is wrong, without the folder. */
function problemsOf(text: string): readonly string[] {
  return problemsOfAll({ 'faults.yaml': text }).map(line => line.replace('faults.yaml:', ''))
}

function problemsOfAll(texts: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadAll(texts)
  } catch (error) {
    assert.ok(error instanceof UsageError)
    return error.faults.map(line => line.replaceAll(/\S*files-\w+\//g, ''))
  }
  return assert.fail('it was loaded')
}

const rules = 'rules: [{at: tempo.http, do: {status: 500}}]'

test('the project has faults, and every requirement with a scenario has one that refutes or mends it', () => {
  const catalogue = loadFaults(loadRegistry())
  assert.ok(catalogue.faults.length > 50)
  const scenarios = loadScenarios(project)
  const idsOf = (ofCluster: boolean) => {
    const own = scenarios.filter(({ tags }) => tags.includes('@kubernetes') === ofCluster)
    return [...new Set(own.flatMap(({ tags }) => requirementOf(tags) ?? []))]
  }
  const requirements = idsOf(false)
  assert.ok(requirements.length > 40)
  assert.deepEqual(withoutFault(requirements, catalogue.faults), [])
  // What is about a cluster is broken in a cluster.
  const ofClusters = catalogue.faults.filter(({ cluster }) => cluster.length > 0)
  // The lab's class of volumes cannot be expanded; support/selftest/kubernetes.cluster.ts sees it red, and green.
  assert.deepEqual(
    withoutFault(idsOf(true), ofClusters).map(({ id }) => id),
    ['suite.kubernetes.7'],
  )
})

test('names of groups stand for their requirements, each once', () => {
  const { faults } = load(`
groups: {some: [a.b.2, a.b.3]}
faults:
  - {id: one, breaks: It., ${rules}, refutes: {a.b.1: no}, leaves: [some, a.b.3]}
`)
  assert.deepEqual(faults[0]?.leaves, ['a.b.2', 'a.b.3'])
})

test('everything that is wrong is told at once, with its line', () => {
  const problems = problemsOf(`
groups: {some: [a.b.7], a.b.3: [a.b.2]}
faults:
  - {id: one, breaks: It., ${rules}, refutes: {a.b.4: no}}
  - {id: one, breaks: It., ${rules}, refutes: {a.b.1: "(("}, leaves: [nobody]}
  - {id: two, breaks: It., ${rules}}
  - {id: three, breaks: It., refutes: {a.b.1: no}}
  - {id: four, breaks: It., ${rules}, mends: [a.b.8], undecides: {a.b.9: {whose: harness, shows: "["}}}
  - {id: five, breaks: It., ${rules}, refutes: {a.b.1: no}, mends: [a.b.1], leaves: [a.b.1]}
  - {id: six, breaks: It., defect: nothing.ts, refutes: {a.b.1: no}}
`)
  assert.deepEqual(problems, [
    '2: groups.some.0: there is no requirement a.b.7; did you mean a.b.1, a.b.2?',
    '2: groups.a.b.3: is the id of a requirement',
    '4: faults.0.refutes.a.b.4: one: there is no requirement a.b.4; did you mean a.b.1, a.b.2?',
    '5: faults.1.id: one is there twice',
    '5: faults.1.refutes.a.b.1: one: (( is no regular expression',
    '5: faults.1.leaves.0: one: there is no group nobody; the groups are some, a.b.3',
    '6: faults.2.id: two: refutes, undecides, mends and leaves nothing, so nothing can be seen of it',
    '7: faults.3.id: three: breaks nothing: no rules, servers, cluster, target or defect',
    '8: faults.4.undecides.a.b.9: four: a.b.9 has the scenarios of a.b.1; name that one',
    '8: faults.4.mends.0: four: a.b.8 has no scenario (later: planned)',
    '8: faults.4.undecides.a.b.9.shows: four: [ is no regular expression',
    '9: faults.5.leaves: five: both touches and leaves a.b.1',
    '9: faults.5.id: five: touches a.b.1 in two ways',
    '10: faults.6.defect: six: there is no file nothing.ts in support/faults/defects',
  ])
})

test('a faulty form is told with its line, and a hint', () => {
  const problems = problemsOf(`
generic:
  - kind: some
    ask: x
    late: {by: slowly, rules: [{at: tempo.http, do: {delay: 1 s}}, {at: nowhere, do: {delay: '{hold}'}}], shows: x}
faults:
  - {id: one, breaks: It., ${rules}, refute: {a.b.1: no}}
`).join('\n')
  assert.match(problems, /^3: generic\.0\.asks: is missing$/m)
  assert.match(problems, /^4: generic\.0\.ask: unknown key; did you mean "asks"\?$/m)
  assert.match(problems, /^5: generic\.0\.late\.by: expected delay or absent$/m)
  assert.match(problems, /^5: generic\.0\.late\.rules\.1\.at: expected one of tempo\.http/m)
  assert.match(problems, /^7: faults\.0\.refute: unknown key; did you mean "refutes"\?$/m)
})

test('a generic entry that can make nothing, or whose answer is never late, is refused', () => {
  const fault = `faults: [{id: one, breaks: It., ${rules}, refutes: {a.b.1: no}}]`
  assert.match(
    problemsOf(`generic: [{kind: some, asks: x}]\n${fault}`).join(),
    /1: generic\.0\.kind: some: makes no fault/,
  )
  assert.match(
    problemsOf(
      `generic: [{kind: some, asks: x, late: {by: delay, rules: [{at: tempo.http, do: {delay: 1 s}}], shows: x}}]\n${fault}`,
    ).join(),
    /late\.rules: no rule has \{hold\} in it/,
  )
  const almost = `{name: less, breaks: It., ${rules}, shows: x, except: [nobody]}`
  assert.deepEqual(
    problemsOf(`generic: [{kind: some, asks: x, except: [a.b.5], almost: [${almost}, ${almost}]}]\n${fault}`),
    [
      '1: generic.0.except.0: some: there is no requirement a.b.5; did you mean a.b.1, a.b.2?',
      '1: generic.0.almost.0.except.0: some: there is no group nobody; the groups are none',
      '1: generic.0.almost.1.except.0: some: there is no group nobody; the groups are none',
      '1: generic.0.almost.1.name: some: less is there twice',
    ],
  )
})

test('files are read together: a name of a group is known in its own file, that of a fault in one file only', () => {
  const group = (members: string) => `groups: {some: [${members}]}\n`
  const fault = (id: string) => `faults: [{id: ${id}, breaks: It., ${rules}, refutes: {a.b.1: no}, leaves: [some]}]\n`
  const kind =
    'generic: [{kind: asked, asks: x, leaves: [some], never: {breaks: It., rules: [{at: tempo.http, do: {status: 500}}], shows: x}}]\n'
  const { faults, generic } = loadAll({
    'one.yaml': group('a.b.2') + kind + fault('one'),
    'two.yaml': group('a.b.3') + fault('two'),
  })
  assert.deepEqual(
    faults.map(({ id, leaves }) => [id, ...leaves]),
    [
      ['one', 'a.b.2'],
      ['two', 'a.b.3'],
    ],
  )
  assert.deepEqual(generic[0]?.leaves, ['a.b.2'])
  assert.deepEqual(
    problemsOfAll({
      'one.yaml': group('a.b.2') + kind + fault('one'),
      'two.yaml': fault('two'),
      'zoo.yaml': group('a.b.3') + kind + fault('one'),
    }),
    [
      'two.yaml:1: faults.0.leaves.0: two: there is no group some; the groups are none',
      'zoo.yaml:3: faults.0.id: one is in one.yaml too',
      'zoo.yaml:2: generic.0.kind: asked is in one.yaml too',
    ],
  )
})

test('a folder that is not there, or without a file, is told by its name', () => {
  assert.throws(() => loadFaults(registry, join(folder, 'none')), /none cannot be read: ENOENT/)
  assert.throws(() => loadAll({ 'faults.txt': '' }), /The faults cannot be used/)
})
