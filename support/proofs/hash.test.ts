import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Registry } from '../requirements/registry.ts'
import { hashesOf } from './hash.ts'
import { readScenarioTexts } from './scenario-texts.ts'

const folder = mkdtempSync(join(tmpdir(), 'hash-'))
after(() => rmSync(folder, { recursive: true }))

const feature = `@tempo
Feature: Some

  Background:
    Given a trace

  @a.b.1
  Rule: It answers within 5 seconds

    @slow
    Scenario Outline: It answers <what>
      When it is asked for <what>
      Then it answers
        | span | of |
        | one  | 4  |

      Examples:
        | what |
        | this |
        | that |

  @a.b.2 @disruptive
  Rule: It comes back

    Scenario: It comes back
      Then it is back
`

function read(text: string) {
  mkdirSync(join(folder, 'features'), { recursive: true })
  writeFileSync(join(folder, 'features/some.feature'), text)
  return readScenarioTexts(folder)
}

function hashes(text: string, says = 'It shall.', withinMs: number | undefined = 5_000): Map<string, string> {
  const requirement = { says, ...(withinMs !== undefined && { withinMs }) }
  const registry = { byId: new Map(['a.b.1', 'a.b.2'].map(id => [id, requirement])) } as unknown as Registry
  return hashesOf(registry, read(text))
}

test('scenarios are read as they are run, with their Background, their rows and what they cost', () => {
  const [first, second, third] = read(feature)
  assert.deepEqual([first?.name, second?.name, third?.name], ['It answers this', 'It answers that', 'It comes back'])
  assert.deepEqual(first?.steps.slice(0, 2), ['a trace', 'it is asked for this'])
  assert.match(first?.steps[2] ?? '', /^it answers .*"span".*"4"/)
  assert.deepEqual([first?.requirement, first?.slow, first?.disruptive], ['a.b.1', true, false])
  assert.deepEqual([third?.requirement, third?.slow, third?.disruptive], ['a.b.2', false, true])
})

test('a hash changes with the sentence, the figures, and with every word of the scenarios, and with nothing else', () => {
  const original = hashes(feature)
  assert.match(original.get('a.b.1') ?? '', /^[0-9a-f]{12}$/)
  for (const [changed, expected] of [
    [`${feature}\n# a comment`, []],
    [feature.replace('Feature: Some', 'Feature: Other'), []],
    [feature.replace('it is asked for <what>', 'it is asked about <what>'), ['a.b.1']],
    [feature.replace('It answers <what>', 'It tells <what>'), ['a.b.1']],
    [feature.replace('| that |', '| those |'), ['a.b.1']],
    [feature.replace('| 4  |', '| 5  |'), ['a.b.1']],
    [feature.replace('it is back', 'it is there'), ['a.b.2']],
    [feature.replace('Given a trace', 'Given two traces'), ['a.b.1', 'a.b.2']],
  ] as const) {
    const now = hashes(changed)
    assert.deepEqual(
      [...original].filter(([id, hash]) => now.get(id) !== hash).map(([id]) => id),
      expected,
      changed,
    )
  }
  for (const other of [hashes(feature, 'It may.'), hashes(feature, 'It shall.', 4_000)]) {
    assert.notEqual(other.get('a.b.1'), original.get('a.b.1'))
  }
})
