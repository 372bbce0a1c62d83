import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Statement } from '../profile/statement.ts'
import { printed } from './run-report.ts'
import { writeTarget } from './target.ts'
import { useTestLab } from './test-lab.ts'

const { surroundings, lab } = useTestLab()

test('a run of a profile ends with a statement of all of it, with what was tested and how to see it again', async () => {
  const file = writeTarget(surroundings.folder, lab(), () => undefined)
  const asked = ['--requirement', 'tempo-mimir.006.3', '--requirement', 'tempo-mimir.006.6']
  const ended = await surroundings.accept(['--profile', 'tempo-mimir', '--target', file, ...asked], lab().environment)
    .ended
  assert.equal(ended.code, 0, printed(ended))
  assert.match(ended.stdout, /^profile tempo-mimir: 1 satisfied, 1 violated \(1 accepted\), \d+ not covered, of \d+$/m)
  const statement = JSON.parse(readFileSync(join(ended.reports, 'conformance.json'), 'utf8')) as Statement
  assert.ok(statement.requirements.length > 100)
  assert.equal(statement.versions.tempo, lab().versions.tempo)
  assert.match(statement.command, /^npm run accept -- --profile tempo-mimir --target /)
  const standing = (id: string) => statement.requirements.find(each => each.id === id)?.standing
  assert.deepEqual(['tempo-mimir.006.3', 'tempo-mimir.006.6', 'tempo-mimir.006.2'].map(standing), [
    'violated',
    'satisfied',
    'not covered',
  ])
  assert.match(readFileSync(join(ended.reports, 'conformance.svg'), 'utf8'), /1 of \d+ satisfied/)
})
