import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ReadRun } from '../report/run-file.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { Secret } from '../secret.ts'
import { badgeOf } from './badge.ts'
import { loadProfile } from './profile.ts'
import { statementOf } from './statement.ts'
import { describeStatement, writeStatement } from './write.ts'

const folder = mkdtempSync(join(tmpdir(), 'statement-'))
after(() => rmSync(folder, { recursive: true }))
const registry = loadRegistry()
const profile = loadProfile('suite', registry)
const total = profile.requirements.length

const result = (id: string, verdict: ReadRun['requirements'][number]['verdict'], more: object = {}) => ({
  id,
  verdict,
  accepted: false,
  message: verdict === 'satisfied' ? null : 'why',
  scenarios: [],
  ...more,
})

function stated(requirements: ReadRun['requirements'], more: Partial<ReadRun> = {}) {
  const run: ReadRun = {
    runId: 'run-1',
    target: 'home',
    versions: { tempo: '2.7.2' },
    deadlineScale: 1,
    scaled: false,
    startedAt: '2026-11-21T00:00:00.000Z',
    exitCode: 0,
    requirements,
    errors: [],
    ...more,
  }
  return statementOf(profile, run, 'npm run accept -- --profile suite', registry.byId)
}

function standingOf({ requirements }: ReturnType<typeof stated>, wanted: string) {
  const { standing, cause } = requirements.find(({ id }) => id === wanted) ?? assert.fail(`${wanted} is not stated`)
  return [standing, cause]
}

const kept = result('suite.tempo.1', 'satisfied')

test('every promise of the profile is stated, those included that nobody looked at', () => {
  const statement = stated([kept, result('suite.tempo.2', 'not applicable'), result('tempo-mimir.006.3', 'violated')])
  const { satisfied, violated } = statement.counts
  assert.deepEqual([satisfied, violated, statement.counts['not applicable']], [1, 0, 1])
  assert.equal(statement.counts['not covered'], total - 2)
  assert.equal(statement.requirements.length, total)
  assert.deepEqual(
    ['suite.tempo.1', 'suite.tempo.2', 'suite.tempo.3'].map(id => standingOf(statement, id)),
    [
      ['satisfied', null],
      ['not applicable', 'why'],
      ['not covered', 'its scenarios were not part of this run'],
    ],
  )
  assert.equal(
    describeStatement(statement),
    `profile suite: 1 satisfied, 1 not applicable, ${total - 2} not covered, of ${total}`,
  )
})

test('what waits for something says for what, and what people judge says so', () => {
  const parseable = loadProfile('parseable', registry)
  const run = {
    runId: 'r',
    target: 't',
    versions: {},
    deadlineScale: 1,
    scaled: false,
    startedAt: '',
    exitCode: 0,
    requirements: [],
    errors: [],
  }
  const causes = statementOf(parseable, run, '', registry.byId).requirements.map(({ cause }) => cause)
  assert.ok(causes.includes('planned'))
  assert.ok(causes.includes('for a person to judge'))
})

test('the badge is red for a violation, grey where nothing is known, and never green for a scaled run', () => {
  const colors = { red: '#dd4343', grey: '#939393', green: '#67ac09' }
  const colorOf = (svg: string) => Object.entries(colors).find(([, code]) => svg.includes(code))?.[0]
  assert.equal(colorOf(badgeOf(stated([kept]))), 'green')
  const broken = badgeOf(stated([kept, result('suite.tempo.2', 'violated')]))
  assert.equal(colorOf(broken), 'red')
  assert.match(broken, new RegExp(`1 of ${total} satisfied, 1 violated`))
  assert.equal(colorOf(badgeOf(stated([kept, result('suite.tempo.2', 'violated', { accepted: true })]))), 'green')
  assert.equal(colorOf(badgeOf(stated([kept, result('suite.tempo.2', 'undetermined')]))), 'grey')
  assert.equal(colorOf(badgeOf(stated([]))), 'grey')
  const scaled = stated([kept], { scaled: true })
  assert.match(badgeOf(scaled), /scaled/)
  assert.equal(colorOf(badgeOf(scaled)), 'grey')
  assert.match(describeStatement(scaled), /no statement of conformance$/)
})

test('it is written without secrets, with what was tested and the command that reproduces it', () => {
  new Secret('pass"word')
  const statement = stated([result('suite.tempo.1', 'violated', { message: 'answered pass"word' })])
  const [json = '', svg = ''] = writeStatement(folder, statement)
  const read = JSON.parse(readFileSync(json, 'utf8')) as typeof statement
  assert.deepEqual([read.versions, read.command], [{ tempo: '2.7.2' }, 'npm run accept -- --profile suite'])
  assert.deepEqual(standingOf(read, 'suite.tempo.1'), ['violated', 'answered [secret]'])
  assert.match(readFileSync(svg, 'utf8'), /^<svg /)
})
