import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { NotApplicable, RequestError, TransientError, Undetermined, Unmet, Violation } from './errors.ts'
import { now, type Question } from './eventually.ts'
import type { Observation } from './observation.ts'

const folder = mkdtempSync(join(tmpdir(), 'world-'))
after(() => rmSync(folder, { recursive: true }))
const waitsFile = join(folder, 'waits.ndjson')
const deadlinesFile = join(folder, 'deadlines.json')
const targetFile = join(folder, 'target.yaml')

const key = 'tempo-mimir.005.2 | a scenario | a step'
const ownMs = 400
writeFileSync(
  deadlinesFile,
  JSON.stringify({ [key]: ownMs, [`${key} | second reader`]: 200, [`${key} | window`]: 150 }),
)
// Nothing listens there, and nobody asks: what is asked here is asked of this file.
writeFileSync(
  targetFile,
  `name: here
systems:
  tempo:
    http: http://127.0.0.1:1
    otlpGrpc: http://127.0.0.1:1
    otlpHttp: http://127.0.0.1:1
    bucket: traces
`,
)
// The run is read once, from the environment.
Object.assign(process.env, {
  ACCEPT_TARGET: targetFile,
  ACCEPT_DEADLINES: deadlinesFile,
  ACCEPT_WAITS: waitsFile,
  ACCEPT_DEADLINE_SCALE: '0.01',
})
const { AcceptanceWorld } = await import('./world.ts')

beforeEach(() => writeFileSync(waitsFile, ''))

function world(step = 'a step') {
  const observations: Observation[] = []
  const attach = (body: string) => void observations.push(JSON.parse(body))
  const made = new AcceptanceWorld({ attach, log: () => undefined, link: () => undefined, parameters: {} } as never)
  made.context = { requirement: 'tempo-mimir.005.2', scenario: 'a scenario', systems: ['tempo'] }
  made.step = step
  return { made, observations }
}

const waits = () =>
  readFileSync(waitsFile, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

/** A question whose answers are these, one after the other, the last one again and again. */
function answering(...answers: readonly (string | Error)[]): Question<string> {
  let asked = 0
  return {
    ask: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? ''
      if (answer instanceof Error && !(answer instanceof Unmet)) throw answer
      return { request: `ask ${asked}`, elapsedMs: 0, value: answer instanceof Unmet ? answer.message : answer }
    },
    expect: value => {
      if (value !== 'right') throw new Unmet(value)
    },
  }
}

const expected = { deadlineMs: 60_000, after: 'the push' }
const notThere = new Unmet('not there')
const product = new RequestError('GET / : 200, but the answer cannot be read: <html>', { whose: 'product' })

test('a wait has the time that is its own, and is written down when it came true', async () => {
  const { made, observations } = world()
  await made.eventually(expected, answering(notThere, 'right'))
  const [observation] = observations
  assert.deepEqual([observation?.outcome, observation?.deadlineMs], ['satisfied', ownMs])
  const [line, ...others] = waits()
  assert.deepEqual(others, [])
  assert.deepEqual({ ...line, tookMs: 0 }, { key, kind: 'deadline', originalMs: 60_000, tookMs: 0, request: 'ask 2' })
  assert.equal(line.tookMs, observation?.timeToTrueMs)
})

test('what has no time of its own is scaled, and what did not come true is not written down', async () => {
  const { made, observations } = world('another step')
  await assert.rejects(made.eventually(expected, answering(notThere)), Violation)
  assert.equal(observations[0]?.deadlineMs, 600)
  assert.deepEqual(waits(), [])
})

test('the kinds of wait are told apart, and a window is another wait than what its step judged before', async () => {
  const { made } = world()
  await made.eventually({ after: 'the push' }, answering('right'))
  await made.throughout(5_000, () => undefined, answering('right'))
  await made.judge(expected, [{ request: 'POST /', timeToTrueMs: 123, check: () => undefined }])
  assert.deepEqual(
    waits().map(({ key: name, kind, originalMs }) => [name, kind, originalMs]),
    [
      [key, 'patience', 60_000],
      [`${key} | window`, 'window', 5_000],
      [key, 'deadline', 60_000],
    ],
  )
  assert.equal(waits()[1].tookMs, 150)
  assert.deepEqual([waits()[2].tookMs, waits()[2].request], [123, 'POST /'])
})

test('what was recorded must have come in time only where there is a time', async () => {
  const { made } = world()
  const late = [{ timeToTrueMs: 200_000, check: () => undefined }]
  await made.judge({ after: 'the push' }, late)
  await assert.rejects(made.judge(expected, late), /it took/)
})

test('a second reader has a time of its own', async () => {
  const { made } = world()
  await made.eventuallySeenByTwo(expected, answering('right'), answering(notThere, 'right'), 30_000)
  assert.deepEqual(
    waits().map(({ key: name, kind, originalMs, request }) => [name, kind, originalMs, request]),
    [
      [`${key} | second reader`, 'preparation', 30_000, 'ask 2'],
      [key, 'deadline', 60_000, 'ask 1'],
    ],
  )
})

const undecided = [
  ['only the first', answering('right'), answering(notThere)],
  ['only the second', answering(notThere), answering('right')],
] as const
for (const [who, first, second] of undecided) {
  test(`where ${who} of two readers sees it, nothing is decided`, async () => {
    const { made, observations } = world()
    await assert.rejects(made.eventuallySeenByTwo(expected, first, second, 30_000), Undetermined)
    assert.deepEqual([observations[0]?.outcome, observations[0]?.fault], ['undetermined', 'harness'])
  })
}

test('what the first of two readers sees once the second does came too late, and is no other opinion', async () => {
  const { made, observations } = world()
  let there = false
  const second: Question<string> = {
    ...answering('right'),
    expect: () => {
      there = true
    },
  }
  const first: Question<string> = {
    ...answering('right'),
    expect: () => {
      if (!there) throw notThere
    },
  }
  await assert.rejects(made.eventuallySeenByTwo(expected, first, second, 30_000), Violation)
  assert.deepEqual([observations[0]?.outcome, observations[0]?.last], ['violated', notThere.message])
})

for (const [who, first, second] of [
  ['first', answering(product), answering('right')],
  ['second', answering('right'), answering(product)],
] as const) {
  test(`what the ${who} of two readers cannot read at all is no other opinion`, async () => {
    const { made, observations } = world()
    await assert.rejects(made.eventuallySeenByTwo(expected, first, second, 30_000), Violation)
    assert.match(observations[0]?.last ?? '', /<html>/)
  })
}

const failures: readonly [string, Error, Observation['outcome'], Observation['fault']][] = [
  ['another answer', notThere, 'violated', 'product'],
  ['an answer that cannot be read', product, 'violated', 'product'],
  ['silence of the system alone', new TransientError('GET / : refused'), 'violated', 'product'],
  [
    'silence of its storage',
    new TransientError('LIST / : 503', { whose: 'environment' }),
    'undetermined',
    'environment',
  ],
  ['who is not let in', new RequestError('GET / : 401'), 'undetermined', 'environment'],
  ['a full disk', new Unmet('write /data: no space left on device'), 'undetermined', 'environment'],
  ['a defect', new TypeError('x is not a function'), 'undetermined', 'harness'],
]
for (const [what, error, outcome, fault] of failures) {
  test(`${what} is ${outcome}, of the ${fault}`, async () => {
    for (const observe of [
      (made: InstanceType<typeof AcceptanceWorld>) => made.eventually(expected, answering(error)),
      (made: InstanceType<typeof AcceptanceWorld>) =>
        made.judge(expected, [
          {
            check: () => {
              throw error
            },
          },
        ]),
      (made: InstanceType<typeof AcceptanceWorld>) => made.throughout(5_000, () => undefined, answering(error)),
    ]) {
      const { made, observations } = world()
      await assert.rejects(observe(made))
      assert.deepEqual([observations[0]?.outcome, observations[0]?.fault], [outcome, fault])
      assert.ok(JSON.stringify(observations[0]).includes(error.message.slice(0, 20)), 'what came is told')
    }
  })
}

test('a defect in an expectation is one of the suite', async () => {
  const { made, observations } = world()
  const defective: Question<string> = {
    ...answering('right'),
    expect: value => {
      ;(value as unknown as { missing: () => void }).missing()
    },
  }
  await assert.rejects(made.eventually({ ...expected, since: now() }, defective), Undetermined)
  assert.deepEqual([observations[0]?.outcome, observations[0]?.fault], ['undetermined', 'harness'])
  assert.match(observations[0]?.message ?? '', /TypeError/)
})

test('what a step throws by itself decides nothing, and what the target lacks is not applicable', () => {
  const { made, observations } = world()
  for (const error of [product, new TypeError('a defect'), new NotApplicable('the target has no tempo')])
    made.observeError(error)
  assert.deepEqual(
    observations.map(({ outcome, fault }) => [outcome, fault]),
    [
      ['undetermined', 'environment'],
      ['undetermined', 'harness'],
      ['not applicable', null],
    ],
  )
})
