import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadRegistry, type Registry } from '../requirements/registry.ts'
import type { Requirement } from '../requirements/requirement.ts'
import { parseFeature, readFeatures } from './features.ts'
import { faultsOfFeatures } from './lint.ts'

const good = `@tempo
Feature: Something

  Background:
    Given a trace

  @paper.one.1
  Rule: When asked, it shall give 2 answers within 5 seconds
    Revision: 1a2b3c4d
    Scenario Outline: It answers
      When it is asked for <what>
      Then it answers within 5 seconds
      And nothing else

      Examples:
        | what |
        | this |

  @paper.one.2 @disruptive
  Rule: Where it is ended, it shall come back
    Revision: 1a2b3c4d
    Scenario: It comes back
      Given it was ended
      Then it is back
`

const requirement = (id: string, says: string, more: Partial<Requirement> = {}): Requirement => ({
  id,
  says,
  document: { id: 'paper', title: 'A paper' },
  section: 'First',
  level: 'must',
  systems: ['tempo'],
  kind: 'runtime',
  disruptive: false,
  criteria: [],
  file: 'paper/one.yaml',
  line: 7,
  ...more,
})
const requirements = [
  requirement('paper.one.1', 'When asked, it shall give 2 answers within 5 seconds.', { withinMs: 5_000 }),
  requirement('paper.one.2', 'Where it is ended, it shall come back.', { disruptive: true }),
  requirement('paper.one.3', 'Where it is big, it shall fit.', { later: 'planned' }),
  requirement('paper.one.4', 'When asked, it shall answer.', { sameAs: 'paper.one.1' }),
]
const registry: Registry = {
  requirements,
  byId: new Map(requirements.map(each => [each.id, each])),
  systems: { tempo: 'Grafana Tempo' },
  nearest: () => ['paper.one.1'],
}

function faultsOf(...texts: string[]): string[] {
  const file = 'features/tempo/some.feature'
  return faultsOfFeatures(
    texts.map(text => ({ file, document: parseFeature(text) })),
    registry,
  )
}

test('the features of the suite are without fault', () => {
  const features = readFeatures(join(import.meta.dirname, '../..'))
  assert.ok(features.length > 0)
  assert.deepEqual(faultsOfFeatures(features, loadRegistry()), [])
})

test('a sound feature has no faults', () => {
  assert.deepEqual(faultsOf(good), [])
})

const bad: [string, string, string, RegExp][] = [
  ['a Feature without its system', '@tempo\n', '\n', /:2: the Feature lacks the tag of its system, @tempo/],
  ['an unknown tag', '@disruptive', '@disruptve', /:19: the tag @disruptve means nothing on a Rule/],
  [
    'a disruption of a system that it is not about',
    '@paper.one.2 @disruptive',
    '@paper.one.2 @disruptive @disrupts-mimir',
    /:22: @disrupts-mimir means nothing where the scenario is not @disruptive, and about that system/,
  ],
  [
    'a disruption without the tag that it takes permission',
    '    Scenario Outline: It answers',
    '    @disrupts-tempo\n    Scenario Outline: It answers',
    /:11: @disrupts-tempo means nothing where the scenario is not @disruptive/,
  ],
  [
    'a requirement on a Feature',
    '@tempo',
    '@tempo @paper.one.1',
    /:1: the tag @paper\.one\.1 means nothing on a Feature/,
  ],
  [
    'a Rule without a requirement',
    '  @paper.one.1\n',
    '\n',
    /:8: a Rule has exactly one requirement as its tag, not 0/,
  ],
  [
    'a Rule of two',
    '@paper.one.1',
    '@paper.one.1 @paper.one.2',
    /:8: a Rule has exactly one requirement as its tag, not 2/,
  ],
  ['an unknown requirement', '@paper.one.1', '@paper.one.9', /:8: there is no requirement paper\.one\.9; did you mean/],
  ['a second Rule', '@paper.one.2', '@paper.one.1', /:20: paper\.one\.1 already has its Rule at .*some\.feature:8/],
  ['a requirement without a Rule', '@paper.one.2', '@paper.one.1', /paper\/one\.yaml:7: paper\.one\.2 has no Rule/],
  [
    'one that comes later',
    '@paper.one.2',
    '@paper.one.3',
    /:20: paper\.one\.3 has a Rule, but its "later" says: planned/,
  ],
  ['the same as another', '@paper.one.2', '@paper.one.4', /:20: paper\.one\.4 is proven by the Rule of paper\.one\.1/],
  [
    'other words',
    'shall come back',
    'comes back',
    /:20: the Rule says otherwise than paper\.one\.2 does: "Where it is/,
  ],
  ['no Scenario', /\n {4}Scenario: It comes back[\s\S]*/.source, '\n', /:20: the Rule has no scenario/],
  ['no Rule', '  @paper.one.1\n  Rule: .*\n.*', '\n', /:9: "It answers" stands in no Rule/],
  ['a second When', 'And nothing else', 'When more', /:13: a second When/],
  ['a When by And', 'Then it answers', 'And then it is asked\n      Then it answers', /:12: a second When/],
  ['no Then', 'Then it is back', 'When it is looked at', /:22: without a Then it cannot fail/],
  [
    'a long Background',
    'Given a trace',
    'Given a trace\n    And one\n    And two',
    /:4: a Background has at most 2 steps/,
  ],
  ['a When in a Background', 'Given a trace', 'When asked', /:5: a Background has nothing but Givens/],
  ['another deadline', 'it answers within 5 s', 'it answers within 6 s', /:12: 6 s, but paper\.one\.1 names 5 s/],
  ['another deadline in a table', 'this', '7 ms', /:17: 7 ms, but paper\.one\.1 names 5 s/],
  ['no deadline', ' within 5 seconds\n      And', '\n      And', /:10: no step names the 5 s of paper\.one\.1/],
  ['a deadline of its own', 'it is back', 'it is back in 5 s', /:24: 5 s, but paper\.one\.2 names no duration/],
  ['disruption untold', ' @disruptive', '', /:22: paper\.one\.2 takes the tag @disruptive/],
  [
    'no revision',
    '\n    Revision: 1a2b3c4d\n    Scenario:',
    '\n\n    Scenario:',
    /:20: the Rule does not say for which revision .*\(Revision: [0-9a-f]{8}\)/,
  ],
  ['another count', 'And nothing else', 'And 3 answers more', /:13: "3 answers", but paper\.one\.1 says "2 answers"/],
  ['an empty table', / {8}\| this \|\n/.source, '', /:15: Examples without a row/],
]
for (const [name, from, to, expected] of bad) {
  test(`a fault: ${name}`, () => {
    const changed = good.replace(new RegExp(from), to)
    assert.notEqual(changed, good)
    assert.match(faultsOf(changed).join('\n'), expected)
  })
}

test('two Rules share a requirement only where each says which part is its own', () => {
  const second = (part: string) =>
    good
      .replace('@paper.one.2 @disruptive', '@paper.one.1')
      .replace('Where it is ended, it shall come back', 'When asked, it shall give 2 answers within 5 seconds')
      .replace(/Revision: 1a2b3c4d(?=\n {4}Scenario:)/, `$&${part}`)
      .replace('Then it is back', 'Then it is back within 5 seconds')
  const first = (text: string) =>
    text.replace(
      'Revision: 1a2b3c4d\n    Scenario Outline',
      'Revision: 1a2b3c4d\n    Part: at once\n    Scenario Outline',
    )
  const told = (text: string) =>
    faultsOf(text)
      .filter(fault => !fault.includes('paper.one.2 has no Rule'))
      .join('\n')
  assert.equal(told(first(second('\n    Part: later'))), '')
  assert.match(told(second('\n    Part: later')), /paper\.one\.1 already has its Rule at .*both say which/)
  assert.match(told(first(second('\n    Part: at once'))), /"Part: at once" of paper\.one\.1 already stands at/)
})

test('a feature outside the folders of the systems, and an empty one', () => {
  const [outside] = faultsOfFeatures([{ file: 'features/other.feature', document: parseFeature(good) }], registry)
  assert.match(
    outside ?? '',
    /^features\/other\.feature:2: lies in no folder of a system \(tempo, mimir, prometheus, s3, kubernetes\)$/,
  )
  assert.match(faultsOf('')[0] ?? '', /some\.feature:1: holds no Feature/)
})

test('all faults of all files are listed at once', () => {
  assert.equal(faultsOf(good.replaceAll('5 seconds\n', '6 seconds\n').replace('@tempo', '@slow'), good).length, 6)
})
