import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleSchema } from '../faults/rule.ts'
import { faultLike } from '../faults/testing/fault.ts'
import { judgeRun, type SeenRequirement, type SeenRun } from './judge.ts'

type SeenScenario = SeenRequirement['scenarios'][number]

const rule = ruleSchema.parse({ at: 'tempo.http', do: { status: 500 } })
const red: SeenScenario = {
  name: 'It answers',
  verdict: 'violated',
  fault: 'product',
  within: 'Then',
  message: 'not true within 1 s of the push (3 asks, the last 25 ms apart)',
  first: 'no such trace',
  last: '3 of 4 spans; missing child-2',
}
const green: SeenScenario = { ...red, verdict: 'satisfied', fault: null, message: null, first: null, last: null }

function run(scenarios: readonly SeenScenario[], given: Partial<SeenRun & { accepted: boolean }> = {}): SeenRun {
  const worst = ['violated', 'undetermined', 'not applicable'].find(each =>
    scenarios.some(({ verdict }) => verdict === each),
  )
  const verdict = (worst ?? 'satisfied') as SeenRequirement['verdict']
  const requirements = [{ id: 'a.b.1', verdict, accepted: given.accepted ?? false, scenarios }]
  return { requirements, strikes: [1], tookMs: 7, ...given }
}

const refuting = faultLike({ rules: [rule], refutes: { 'a.b.1': 'spans; missing' } })

function outcomeOf(seen: SeenRun, fault: Parameters<typeof judgeRun>[0] = refuting): [string, string] {
  const [pair] = judgeRun(fault, new Set(['a.b.1']), seen)
  assert.ok(pair)
  return [pair.outcome, pair.text]
}

test('red, by the product, for the reason that the fault gives: noticed', () => {
  const [pair] = judgeRun(refuting, new Set(['a.b.1']), run([green, red]))
  assert.deepEqual(pair, {
    fault: 'something',
    requirement: 'a.b.1',
    outcome: 'noticed',
    text: '3 of 4 spans; missing child-2',
    tookMs: 7,
  })
})

test('the reason may stand in any part of what a person reads, over several lines', () => {
  const shows = (text: string) => faultLike({ rules: [rule], refutes: { 'a.b.1': text } })
  for (const text of ['within 1 s', '^not true.*missing child', 'no such trace'])
    assert.equal(outcomeOf(run([red]), shows(text))[0], 'noticed', text)
})

test('what fits far into a line is told with a little of what stands before it', () => {
  const far = { ...red, last: `${'x'.repeat(100)} spans; missing child-2` }
  assert.deepEqual(outcomeOf(run([far])), ['noticed', `…${'x'.repeat(29)} spans; missing child-2`])
})

test('green under the fault: missed', () => {
  assert.deepEqual(outcomeOf(run([green])), ['missed', 'satisfied'])
})

test('red for another reason: missed, and told what it was', () => {
  const [outcome, text] = outcomeOf(run([{ ...red, last: '0 of 4 spans' }]))
  assert.equal(outcome, 'missed')
  assert.equal(text, 'red, but it does not show /spans; missing/: 0 of 4 spans')
})

test('red in a Given: missed', () => {
  assert.match(outcomeOf(run([{ ...red, within: 'Given' }])).join(), /missed,it failed in a Given: 3 of 4/)
})

test('kept from deciding: missed, with the cause', () => {
  const undecided = {
    ...red,
    verdict: 'undetermined',
    fault: 'harness',
    message: 'TypeError: x\n at y',
    last: null,
  } as const
  assert.deepEqual(outcomeOf(run([undecided])), ['missed', 'undetermined (harness): TypeError: x'])
})

test('red by something that is no fault of the product: missed', () => {
  assert.equal(outcomeOf(run([{ ...red, fault: 'environment' }]))[0], 'missed')
})

test('a fault that must show in each of some scenarios is missed where one of them stays green', () => {
  const each = { ...refuting, scenarios: ['It answers', 'It answers again'] }
  assert.match(
    outcomeOf(run([red, { ...green, name: 'It answers again' }]), each).join(),
    /missed,"It answers again" is satisfied/,
  )
  assert.match(outcomeOf(run([red]), each).join(), /missed,"It answers again" is not there/)
  assert.equal(outcomeOf(run([red, { ...red, name: 'It answers again' }]), each)[0], 'noticed')
})

test('a rule that struck nothing means that the fault was not there', () => {
  const two = faultLike({ rules: [rule, { ...rule, at: 'minio.s3' }], refutes: refuting.refutes })
  assert.deepEqual(outcomeOf(run([red], { strikes: [4, 0] }), two), [
    'not injected',
    'the fault is defective: rule 2 (at minio.s3) struck nothing',
  ])
  assert.equal(outcomeOf(run([red], { strikes: [] }))[0], 'not injected')
  assert.equal(outcomeOf(run([red], { strikes: [] }), { ...refuting, rules: [] })[0], 'noticed')
})

test('a run that came to nothing tells nothing, also of what the fault leaves', () => {
  const failed = run([], { failure: 'the run was ended after 90 s', requirements: [] })
  const pairs = judgeRun({ ...refuting, leaves: ['a.b.2'] }, new Set(['a.b.1', 'a.b.2']), failed)
  assert.deepEqual(
    pairs.map(({ requirement, outcome, text }) => [requirement, outcome, text]),
    [['a.b.1', 'not injected', 'the run was ended after 90 s']],
  )
  const justInTime = faultLike({ rules: [rule], leaves: ['a.b.1'] })
  assert.equal(outcomeOf(failed, justInTime)[0], 'not injected')
  assert.equal(outcomeOf(run([], { requirements: [] }))[0], 'not injected')
})

test("a fault that is not the product's must be told as whose it is", () => {
  const undeciding = faultLike({
    rules: [rule],
    undecides: { 'a.b.1': { whose: 'environment', shows: 'do not answer' } },
  })
  const told = {
    ...red,
    verdict: 'undetermined',
    fault: 'environment',
    message: 'these do not answer',
    last: null,
  } as const
  assert.deepEqual(outcomeOf(run([told]), undeciding), ['noticed', 'undetermined (environment): these do not answer'])
  assert.match(
    outcomeOf(run([{ ...told, fault: 'harness' }]), undeciding).join(),
    /missed,a fault of the harness, not of the environment/,
  )
  assert.match(outcomeOf(run([{ ...told, message: 'else' }]), undeciding).join(), /missed,it does not show .*: else/)
  assert.match(outcomeOf(run([red]), undeciding).join(), /missed,violated: 3 of 4/)
})

test('what mends must make it green', () => {
  const mending = faultLike({ rules: [rule], mends: ['a.b.1'] })
  assert.equal(outcomeOf(run([green]), mending)[0], 'noticed')
  assert.equal(outcomeOf(run([red], { accepted: true }), mending)[0], 'missed')
})

test('what is left must stay green, or as accepted as it was', () => {
  const leaving = faultLike({ rules: [rule], leaves: ['a.b.1'] })
  assert.equal(outcomeOf(run([green]), leaving)[0], 'green')
  assert.equal(outcomeOf(run([red], { accepted: true }), leaving)[0], 'green')
  assert.deepEqual(outcomeOf(run([red]), leaving), ['false alarm', 'violated: 3 of 4 spans; missing child-2'])
  const undecided = { ...red, verdict: 'undetermined', fault: 'environment' } as const
  assert.equal(outcomeOf(run([undecided]), leaving)[0], 'false alarm')
})

test('only what was asked for is judged', () => {
  assert.deepEqual(judgeRun(refuting, new Set(['a.b.2']), run([red])), [])
})
