import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { UsageError } from '../errors.ts'
import { loadRegistry } from './registry.ts'
import { revision } from './requirement.ts'
import { type Kind, kinds } from './schema.ts'

const head = 'document: paper\ntitle: A paper\nsection: First\nrequirements:\n'
const good =
  '  - {id: paper.one.1, says: "When asked, it shall answer within 5 seconds.", level: must, systems: [tempo], kind: runtime, within: 5 s}\n'

function faultsOf(files: Record<string, string>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    loadRegistry(folder)
    return []
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error))
    return error.faults.map(fault => fault.slice(Math.max(0, fault.indexOf('paper/'))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function faultsOfEntry(...entries: string[]): readonly string[] {
  return faultsOf({ 'paper/one.yaml': head + entries.join('\n') })
}

test('every document has as many requirements of each kind as are counted, and the five bring 1,090', () => {
  const counts = parse(readFileSync(join(import.meta.dirname, '../../fixtures/requirements/counts.yaml'), 'utf8'))
  const byDocument = Map.groupBy(loadRegistry().requirements, ({ document }) => document.id)
  const counted = Object.fromEntries(
    [...byDocument].map(([document, own]) => {
      const count = (kind: Kind) => own.filter(requirement => requirement.kind === kind).length
      return [document, Object.fromEntries(kinds.map(kind => [kind, count(kind)]))]
    }),
  )
  assert.deepEqual(counted, counts)
  const { suite: _, ...documents } = counted
  const all = Object.values(documents).flatMap(kinds => Object.values(kinds))
  assert.equal(
    all.reduce((sum, count) => sum + count, 0),
    1_090,
  )
})

test('the requirements of the suite are sound, and each can be found by its id', () => {
  const registry = loadRegistry()
  assert.ok(registry.requirements.length >= 60)
  const served = registry.requirements.filter(({ later }) => later === undefined)
  assert.ok(served.length >= 40)
  for (const requirement of registry.requirements) assert.equal(registry.byId.get(requirement.id), requirement)
  assert.equal(registry.byId.get('tempo-mimir.005.2')?.withinMs, 600_000)
  assert.equal(registry.byId.get('tempo-mimir.007.10')?.sameAs, 'tempo-mimir.007.1')
})

test('the nearest ids of a mistyped one come first', () => {
  assert.equal(loadRegistry().nearest('tempo-mimr.005.2', 3)[0], 'tempo-mimir.005.2')
  assert.equal(loadRegistry().nearest('x', 3).length, 3)
})

test('a sound file has no faults', () => {
  assert.deepEqual(faultsOfEntry(good), [])
})

test('every fault of every file is listed at once, with its line', () => {
  const faults = faultsOf({
    'paper/one.yaml': `${head}${good}  - id: other.one.2\n    says: It answers.\n    level: may\n    systems: []\n    kind: runtime\n    witin: 5 s\n`,
    'paper/two.yaml': 'document: [\n',
  })
  assert.match(faults.join('\n'), /paper\/one\.yaml:8: requirements\.1\.level: expected must or should/)
  assert.match(faults.join('\n'), /paper\/one\.yaml:9: requirements\.1\.systems: names no system/)
  assert.match(faults.join('\n'), /paper\/one\.yaml:11: requirements\.1\.witin: unknown key; did you mean "within"\?/)
  assert.match(faults.join('\n'), /paper\/two\.yaml:\d: /)
  assert.equal(faults.length, 4)
})

const bad: [string, string, RegExp][] = [
  [
    'an id of another document',
    good.replace('paper.one.1', 'other.one.1'),
    /other\.one\.1: id is not one of document "paper"/,
  ],
  ['an id without a number', good.replace('paper.one.1', 'paper.one'), /id: expected <document>/],
  ['an id given twice', good + good, /paper\.one\.1: already stands at .*paper\/one\.yaml:5/],
  [
    'an unknown system',
    good.replace('[tempo]', '[temp]'),
    /systems names "temp", which stands not in systems\.yaml; did you mean "tempo"\?/,
  ],
  ['an unreadable duration', good.replace('within: 5 s', 'within: soon'), /within "soon" is not a duration/],
  [
    'a deadline that its sentence does not name',
    good.replace('within: 5 s', 'within: 6 s'),
    /within "6 s" is not named in its sentence/,
  ],
  ['a sentence without "shall"', good.replace('shall', 'will'), /says is no EARS sentence: it holds no "shall"/],
  ['a sentence about nobody', good.replace('When asked, it', 'It'), /says is no EARS sentence: "It" names nobody/],
  ['two sentences', good.replace('asked, it', 'asked. Then it'), /says is more than one sentence/],
  [
    'an unknown reason to wait',
    good.replace('kind:', 'later: never, kind:'),
    /later: expected one of: needs a cluster/,
  ],
  [
    'the same as an unknown one',
    good.replace('kind:', 'same-as: paper.one.9, kind:'),
    /same-as paper\.one\.9 is not known/,
  ],
  [
    'a chain',
    good.replace('kind:', 'same-as: paper.one.2, kind:') +
      good.replace('one.1', 'one.2').replace('kind:', 'same-as: paper.one.3, kind:') +
      good.replace('one.1', 'one.3'),
    /same-as paper\.one\.2 is itself the same as paper\.one\.3/,
  ],
  [
    'the same as one that promises less',
    good.replace('kind:', 'same-as: paper.one.2, kind:') +
      good.replace('one.1', 'one.2').replace('5 s}', '10 s}').replace('5 seconds', '10 s'),
    /same-as paper\.one\.2 has no deadline as short as this one/,
  ],
]
for (const [name, entries, expected] of bad) {
  test(`a fault: ${name}`, () => {
    const faults = faultsOfEntry(entries)
    assert.match(faults.join('\n'), expected)
  })
}

test('a section of a document in two files is a fault', () => {
  const faults = faultsOf({ 'paper/one.yaml': head + good, 'paper/two.yaml': head + good.replace('one.1', 'one.2') })
  assert.match(
    faults.join('\n'),
    /paper\/two\.yaml:5: paper\.one\.2: others of section paper\.one stand in .*paper\/one\.yaml/,
  )
})

test('an empty folder is a fault', () => {
  assert.match(faultsOf({})[0] ?? '', /holds no file/)
})

test('the revision changes with the sentence and with its figures, and with nothing else', () => {
  const requirement = { says: 'It shall.', withinMs: 1000, file: 'a' }
  assert.match(revision(requirement), /^[0-9a-f]{8}$/)
  assert.equal(revision(requirement), revision({ ...requirement, file: 'b' } as typeof requirement))
  assert.notEqual(revision(requirement), revision({ ...requirement, withinMs: 1001 }))
  assert.notEqual(revision(requirement), revision({ ...requirement, says: 'It shall not.' }))
})
