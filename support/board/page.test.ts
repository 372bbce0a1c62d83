import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type Requirement, revision } from '../requirements/requirement.ts'
import type { LedgerLine } from '../trace/ledger.ts'
import type { Row } from '../trace/matrix.ts'
import { entriesOf } from './entries.ts'
import { boardPage } from './page.ts'

function row(id: string, more: Partial<Requirement> = {}, about: Partial<Row> = {}): Row {
  const requirement: Requirement = {
    id,
    says: 'Tempo shall answer.',
    document: { id: 'paper', title: 'A paper' },
    section: 'First',
    level: 'must',
    systems: ['tempo'],
    kind: 'runtime',
    disruptive: false,
    criteria: ['AC-1'],
    file: 'paper/one.yaml',
    line: 1,
    ...more,
  }
  const own = { name: 'It answers', file: 'features/a.feature', line: 7, disruptive: false, slow: true }
  return {
    requirement,
    revision: revision(requirement),
    coverage: 'scenario',
    scenarios: [own],
    outdated: false,
    history: [],
    proof: null,
    ...about,
  }
}

function ran(of: Row, more: Partial<LedgerLine> = {}): LedgerLine {
  return {
    runId: 'r',
    startedAt: '2026-10-20T02:14:00.000Z',
    target: 'production',
    id: of.requirement.id,
    revision: of.revision,
    verdict: 'satisfied',
    accepted: false,
    timeToTrueMs: 500,
    deadlineMs: 5_000,
    scaled: false,
    message: null,
    ...more,
  }
}

const standingsOf = (...rows: Row[]) => entriesOf({ rows, systems: {} }, new Map(), []).map(({ standing }) => standing)
const page = (...rows: Row[]) =>
  boardPage({
    entries: entriesOf({ rows, systems: {} }, new Map(), []),
    systems: { tempo: 'Grafana Tempo' },
    made: new Date(0),
  })

test('how a requirement stands is what the last run found of its present wording', () => {
  const plain = row('paper.one.1')
  const after = (more: Partial<LedgerLine>) => row('paper.one.1', {}, { history: [ran(plain, more)] })
  assert.deepEqual(
    standingsOf(
      after({}),
      after({ verdict: 'violated' }),
      after({ verdict: 'violated', accepted: true }),
      after({ revision: 'another' }),
      plain,
      row('paper.one.2', {}, { coverage: 'human', scenarios: [] }),
      row('paper.one.3', {}, { coverage: 'later', scenarios: [] }),
    ),
    ['satisfied', 'violated', 'accepted', 'not run', 'not run', 'human', 'later'],
  )
})

test('of the history the newest 20 runs are shown', () => {
  const plain = row('paper.one.1')
  const history = Array.from({ length: 25 }, (_, index) => ran(plain, { target: `target-${index}` }))
  const text = page(row('paper.one.1', {}, { history }))
  assert.equal(text.match(/<li><span class="standing/g)?.length, 20)
  assert.match(text, /on target-19,/)
  assert.doesNotMatch(text, /target-20/)
})

test('whatever stands in the files stays text', () => {
  const says = `Tempo shall say "</script><img src=x onerror=alert('1')>" & more.`
  const evil = row('paper.one.1', { says, interpretation: '</dl><script>alert(2)</script>', criteria: ['<i>'] })
  const text = page({ ...evil, history: [ran(evil, { verdict: 'violated', message: '<b>no</b>' })] })
  assert.match(text, /&lt;\/script&gt;&lt;img src=x onerror=alert\(&#39;1&#39;\)&gt;&quot; &amp; more\./)
  assert.equal(text.match(/<script>/g)?.length, 1)
  for (const told of ['<img', '<b>no', '<i>']) assert.equal(text.includes(told), false, told)
})

test('the policy allows its own script and style and nothing else', () => {
  const text = page(row('paper.one.1'))
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(text)?.[1] ?? ''
  const hash = (tag: string) => {
    const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? assert.fail(`no ${tag}`)
    return `sha256-${createHash('sha256').update(content).digest('base64')}`
  }
  assert.match(policy, /^default-src &#39;none&#39;; /)
  for (const tag of ['script', 'style']) assert.ok(policy.includes(`${tag}-src &#39;${hash(tag)}&#39;`), tag)
  assert.doesNotMatch(text, / (style|on\w+)=/)
})

test('it tells source, scenario, headroom and what to do where there is no proof', () => {
  const plain = row('paper.one.1', { withinMs: 5_000, interpretation: 'Read as such.' })
  const text = page({ ...plain, history: [ran(plain)] })
  for (const told of ['A paper · First · AC-1', 'within 5 s', 'Read as such.', 'features/a.feature:7', '(slow)']) {
    assert.ok(text.includes(told), told)
  }
  assert.match(text, /500 ms of 5 s: 90 % left/)
  assert.match(text, /none on record: npm run prove/)
})

test('an empty registry is a page too', () => {
  assert.match(page(), /0 requirements; no run on record/)
})
