import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withMadeLines } from './readme.ts'
import { markdownTable, textTable } from './tables.ts'

const table = {
  head: ['name', 'count'],
  rows: [
    ['a|b', 5],
    ['longer', 12],
  ],
}

test('a table for a terminal has its figures to the right', () => {
  assert.deepEqual(textTable(table), ['name    count', 'a|b         5', 'longer     12'])
})

test('a table in Markdown has its figures to the right, and no cell breaks it', () => {
  assert.deepEqual(markdownTable(table), ['| name | count |', '|---|--:|', '| a\\|b | 5 |', '| longer | 12 |'])
})

test('lines are made between their marks only', () => {
  const text = 'before\n<!-- made by npm run trace -- --write -->\nold\n<!-- end of what was made -->\nafter\n'
  const made = withMadeLines(text, ['new'])
  assert.match(made, /^before\n<!-- made.*-->\n\nnew\n\n<!-- end.*-->\nafter\n$/)
  assert.equal(withMadeLines(made, ['new']), made)
  assert.throws(() => withMadeLines('nothing', []), /lost its marks/)
})
