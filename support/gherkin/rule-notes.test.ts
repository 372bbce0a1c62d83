import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFeature } from './features.ts'
import { notesOf, withRevision } from './rule-notes.ts'

const feature = 'Feature: F\n\n  @a.b.1\n  Rule: It shall\n\n    Scenario: S\n      Then it is\n'

function notesIn(text: string) {
  const rule = parseFeature(text).feature?.children[0]?.rule ?? assert.fail('no Rule')
  return notesOf(rule)
}

test('a Rule tells its revision and its part, or neither', () => {
  assert.deepEqual(notesIn(feature), {})
  assert.deepEqual(notesIn(feature.replace('shall\n', 'shall\n    Revision: 1a2b3c4d\n    Part: in the bucket\n')), {
    revision: '1a2b3c4d',
    part: 'in the bucket',
  })
})

test('a revision is added where there is none, and replaced where there is another', () => {
  const added = withRevision(feature, 4, '1a2b3c4d')
  assert.deepEqual(notesIn(added), { revision: '1a2b3c4d' })
  const replaced = withRevision(added, 4, '99999999')
  assert.deepEqual(notesIn(replaced), { revision: '99999999' })
  assert.equal(replaced.split('\n').length, added.split('\n').length)
})
