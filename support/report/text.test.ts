import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'
import { renderBlock } from './block.ts'
import { renderLine } from './line.ts'
import type { RequirementResult, RunResult } from './result.ts'
import { fit, type Style, styleOf } from './style.ts'
import { markOf, renderBeginning, renderSummary } from './summary.ts'

const plain = (width: number): Style => ({ width, colors: pc.createColors(false) })
const coloured = (width: number): Style => ({ width, colors: pc.createColors(true) })

const satisfied: RequirementResult = {
  id: 'tempo-mimir.005.2',
  says: 'When a trace has been acknowledged, Tempo shall hold it in its bucket within 10 minutes.',
  revision: 'aaaaaaaa',
  verdict: 'satisfied',
  accepted: false,
  fault: null,
  deadlineMs: 600_000,
  timeToTrueMs: 14_500,
  uncertaintyMs: 145,
  attempts: 61,
  message: null,
  notes: [],
  scenarios: [],
  proof: 'proven',
}
const violated: RequirementResult = {
  ...satisfied,
  verdict: 'violated',
  fault: 'product',
  timeToTrueMs: null,
  uncertaintyMs: null,
  request: 'GET http://t/',
  first: '404, no such trace',
  last: '3 of 4 spans\nmissing child-2',
  message: 'not true within 10 min of the acknowledgement (614 asks, the last 1.0 s apart)',
  notes: ['tempo log around 02:14:07'],
}
const deviation = { entry: { requirement: violated.id, reason: 'known', owner: 'ops', until: '2026-12-31' } }
const all: RequirementResult[] = [
  satisfied,
  { ...satisfied, id: 'lgtm.011.3', sameAs: satisfied.id },
  { ...satisfied, timeToTrueMs: 40, deadlineMs: null },
  { ...satisfied, timeToTrueMs: 590_000 },
  violated,
  { ...violated, accepted: true, deviation: { ...deviation, state: 'accepted' } },
  { ...violated, verdict: 'undetermined', fault: 'harness' },
  { ...violated, verdict: 'not applicable', fault: null, message: 'no workload' },
]

for (const width of [20, 40, 60, 80, 100, 120, 200]) {
  test(`no line is ever wider than ${width} columns, coloured or not`, () => {
    for (const result of all) {
      const line = renderLine(result, plain(width), '')
      assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`)
      assert.equal(stripVTControlCharacters(renderLine(result, coloured(width), '')), line)
      assert.ok(renderLine(result, plain(width), '×0.02').length <= width)
    }
  })
}

test('120 columns: verdict, id, sentence, time, bar, percent', () => {
  const line = renderLine(satisfied, plain(120), '')
  assert.match(line, /^satisfied {7}tempo-mimir\.005\.2 {3}When a trace has been .*… +\d+(\.\d+)? s █░{9} +2%$/)
  assert.equal(line.length, 120)
  assert.match(renderLine({ ...satisfied, timeToTrueMs: 590_000 }, plain(120), ''), /█{10} +98%$/)
})

test('60 columns: the sentence gives way before the figures do', () => {
  assert.match(renderLine(satisfied, plain(60), ''), /^satisfied +tempo-mimir\.005\.2 .* s +2%$/)
  assert.match(renderLine(violated, plain(60), ''), /^violated +tempo-mimir\.005\.2 +When a trace.*…$/)
})

test('colours: green, red, yellow for what is accepted, none where they are off', () => {
  assert.ok(renderLine(satisfied, coloured(120), '').startsWith(pc.createColors(true).green('satisfied')))
  assert.ok(renderLine(violated, coloured(120), '').startsWith(pc.createColors(true).red('violated')))
  assert.ok(
    renderLine({ ...violated, accepted: true }, coloured(120), '').startsWith(pc.createColors(true).yellow('violated')),
  )
  assert.equal(renderLine(violated, plain(120), ''), stripVTControlCharacters(renderLine(violated, plain(120), '')))
})

test('an accepted violation, a served requirement and a scaled run say so in their lines', () => {
  assert.match(
    renderLine({ ...violated, accepted: true, deviation: { ...deviation, state: 'accepted' } }, plain(120), ''),
    /^violated .*\(accepted until 2026-12-31\)/,
  )
  assert.match(renderLine({ ...satisfied, sameAs: 'a.b.1' }, plain(120), ''), /\(as a\.b\.1\)/)
  assert.match(renderLine(satisfied, plain(120), '×0.02'), /2% ×0\.02$/)
})

test('a violation in full', () => {
  assert.equal(
    renderBlock(violated, plain(120)),
    [
      'violated   tempo-mimir.005.2   When a trace has been acknowledged, Tempo shall hold it in its bucket within 10 minutes.',
      '           not true within 10 min of the acknowledgement (614 asks, the last 1.0 s apart)',
      '           asked   GET http://t/',
      '           first   404, no such trace',
      '           last    3 of 4 spans',
      '                   missing child-2',
      '           look    tempo log around 02:14:07',
    ].join('\n'),
  )
})

test('what is undetermined says whose fault it is; a deviation whose date is over is told', () => {
  assert.match(
    renderBlock({ ...violated, verdict: 'undetermined', fault: 'environment' }, plain(120)),
    /a fault of the environment, not a verdict/,
  )
  assert.match(
    renderBlock({ ...violated, deviation: { ...deviation, state: 'past' } }, plain(120)),
    /its deviation ended on 2026-12-31 \(ops\)/,
  )
})

const run: RunResult = {
  runId: 'run-1',
  target: 'home',
  versions: { tempo: '2.7.2' },
  deadlineScale: 1,
  scaled: false,
  proofsOnRecord: true,
  startedAt: '2026-11-21T00:00:00.000Z',
  wallMs: 65_000,
  exitCode: 1,
  scenarios: { passed: 5, failed: 1, notApplicable: 0, undetermined: 2 },
  requirements: [
    { ...satisfied, notes: ['3 young traces were lost'] },
    { ...satisfied, id: 'lgtm.011.3', sameAs: satisfied.id },
    ...Array.from({ length: 6 }, (_, index) => ({
      ...satisfied,
      id: `a.b.${index}`,
      timeToTrueMs: 60_000 * (index + 1),
    })),
    { ...violated, id: 'a.c.1' },
    {
      ...violated,
      id: 'a.c.2',
      accepted: true,
      deviation: { state: 'accepted' as const, entry: { ...deviation.entry, requirement: 'a.c.2' } },
    },
    {
      ...violated,
      id: 'a.c.3',
      deviation: { state: 'past' as const, entry: { ...deviation.entry, requirement: 'a.c.3' } },
    },
    {
      ...satisfied,
      id: 'a.c.4',
      deviation: { state: 'no longer needed' as const, entry: { ...deviation.entry, requirement: 'a.c.4' } },
    },
    { ...satisfied, id: 'a.d.1', verdict: 'not applicable', message: 'no workload' },
    { ...satisfied, id: 'a.d.2', verdict: 'not applicable', message: 'no workload' },
  ],
  errors: ['a hook of the run failed: no socket'],
}

test('the summary tells the figures, the least headroom, deviations, notes and where the reports lie', () => {
  const text = renderSummary(run, ['reports/run.json'], plain(120))
  assert.match(text, /^14 requirements: 9 satisfied, 3 violated \(1 accepted\), 2 not applicable$/m)
  assert.match(text, /^8 scenarios: 5 passed, 1 failed, 2 undetermined$/m)
  assert.match(text, /least headroom\n {3}60% {2}a\.b\.5 .*\n {3}50% .*\n {3}40% .*\n {3}30% .*\n {3}20% .*\n\n/)
  assert.match(text, /accepted until 2026-12-31 {2}a\.c\.2: known \(ops\)/)
  assert.match(text, /PAST since 2026-12-31 {2}a\.c\.3/)
  assert.match(text, /NO LONGER NEEDED {2}a\.c\.4/)
  assert.match(text, /no workload: a\.d\.1, a\.d\.2/)
  assert.match(text, /tempo-mimir\.005\.2: 3 young traces were lost/)
  assert.match(text, /error +a hook of the run failed: no socket/)
  assert.match(text, /written: reports\/run\.json$/)
  assert.equal(text.match(/^violated /gm)?.length, 3)
  assert.doesNotMatch(text, /SCALED/)
  assert.equal(text, stripVTControlCharacters(text))
})

test('a scaled run is marked at its beginning and at its end', () => {
  const scaled = { ...run, deadlineScale: 0.02, scaled: true }
  for (const text of [renderBeginning(scaled, plain(120)), renderSummary(scaled, [], plain(120))]) {
    assert.match(text, /SCALED: every deadline × 0\.02; this is no statement of conformance/)
  }
  assert.equal(renderBeginning(run, plain(120)), 'run run-1 on home, tempo 2.7.2')
})

test('a run whose deadlines were set one by one is marked just so', () => {
  const scaled = { ...run, scaled: true }
  for (const text of [renderBeginning(scaled, plain(120)), renderSummary(scaled, [], plain(120))]) {
    assert.match(text, /SCALED: deadlines were set one by one; this is no statement of conformance/)
  }
  assert.deepEqual([markOf(run), markOf(scaled), markOf({ scaled: true, deadlineScale: 0.5 })], ['', 'scaled', '×0.5'])
})

test('a summary tells in one line how many requirements have been seen to go red', () => {
  const proofs = (...states: RequirementResult['proof'][]) => {
    const requirements = states.map((proof, index) => ({ ...satisfied, id: `a.b.${index}`, proof }))
    const same = { ...satisfied, sameAs: 'a.b.0', proof: 'stale' as const }
    const text = renderSummary({ ...run, requirements: [...requirements, same] }, [], plain(120))
    return /^proofs: .*$/m.exec(text)?.[0]
  }
  assert.equal(proofs('proven', 'proven'), 'proofs: 2 of 2 proven')
  assert.equal(
    proofs('stale', 'proven', null, 'unproven', 'contradicted'),
    'proofs: 1 of 5 proven, 1 contradicted, 1 stale, 2 unproven (npm run prove)',
  )
  const none = renderSummary({ ...run, proofsOnRecord: false }, [], plain(120))
  assert.match(none, /^proofs: none on record \(npm run prove\)$/m)
})

test('a stream that is no terminal gets neither colours nor a narrow width', () => {
  const style = styleOf({ columns: 40 })
  assert.equal(style.width, 120)
  assert.equal(style.colors.red('x'), 'x')
  assert.equal(styleOf({ isTTY: true, columns: 60 }).width, 60)
})

test('a text that does not fit ends visibly', () => {
  assert.deepEqual([fit('abc', 3), fit('abcd', 3), fit('a bcd', 3), fit('abc', 0)], ['abc', 'ab…', 'a…', ''])
})
