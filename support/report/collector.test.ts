import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope } from '@cucumber/messages'
import { type Observation, type Outcome, observationMediaType } from '../observation.ts'
import { undeterminedBy } from '../requirements/verdict.ts'
import { Collector } from './collector.ts'

/** Plays the messages of a run: scenarios with one step each, which is also what hooks are given as. */
class Play {
  readonly collector = new Collector()
  #count = 0

  #send(envelope: object): string[] {
    return this.collector.receive(envelope as Envelope)
  }

  plan(...tags: string[]): string {
    return this.planStep('Outcome', ...tags)
  }

  planStep(type: string, ...tags: string[]): string {
    this.#count += 1
    const id = String(this.#count)
    const steps = [{ id: `pickle-step-${id}`, text: 'it does something', type }]
    const pickle = {
      id: `pickle-${id}`,
      uri: 'a.feature',
      name: `scenario ${id}`,
      steps,
      tags: tags.map(name => ({ name })),
    }
    this.#send({ pickle })
    this.#send({
      testCase: {
        id,
        pickleId: pickle.id,
        testSteps: [
          { id: `step-${id}`, pickleStepId: `pickle-step-${id}` },
          { id: `hook-${id}`, hookId: 'h' },
        ],
      },
    })
    return id
  }

  start(id: string, attempt = 0): void {
    this.#send({ testCaseStarted: { id: `run-${id}-${attempt}`, testCaseId: id, attempt } })
  }

  observe(id: string, outcome: Outcome, more: Partial<Observation> = {}, encoded = false, attempt = 0): void {
    const observation = { ...undeterminedBy('a.b.1', 'said', 'fact'), outcome, ...more }
    const body = JSON.stringify(observation)
    this.attach(id, observationMediaType, encoded ? Buffer.from(body).toString('base64') : body, encoded, attempt)
  }

  attach(id: string, mediaType: string, body: string, encoded = false, attempt = 0): void {
    const contentEncoding = encoded ? 'BASE64' : 'IDENTITY'
    this.#send({
      attachment: {
        mediaType,
        body,
        contentEncoding,
        testCaseStartedId: `run-${id}-${attempt}`,
        testStepId: `step-${id}`,
      },
    })
  }

  endStep(id: string, status: string, exception?: object, step = 'step'): void {
    const testStepResult = { status, ...(exception && { exception }), duration: { seconds: 0, nanos: 0 } }
    this.#send({ testStepFinished: { testCaseStartedId: `run-${id}-0`, testStepId: `${step}-${id}`, testStepResult } })
  }

  end(id: string, attempt = 0, willBeRetried = false): string[] {
    return this.#send({ testCaseFinished: { testCaseStartedId: `run-${id}-${attempt}`, willBeRetried } })
  }

  send(envelope: object): void {
    this.#send(envelope)
  }
}

test('a requirement is decided when the last of its scenarios has ended', () => {
  const play = new Play()
  const [first, second, other] = [play.plan('@x', '@a.b.1'), play.plan('@a.b.1'), play.plan('@a.b.2')]
  assert.deepEqual(play.collector.requirements, ['a.b.1', 'a.b.2'])
  play.start(first)
  play.start(second)
  play.observe(first, 'satisfied')
  assert.deepEqual(play.end(first), [])
  assert.equal(play.collector.verdictOf('a.b.1').outcome, 'undetermined')
  play.observe(second, 'satisfied', {}, true)
  assert.deepEqual(play.end(second), ['a.b.1'])
  assert.equal(play.collector.verdictOf('a.b.1').outcome, 'satisfied')
  assert.equal(play.collector.verdictOf('a.b.2').observation.message, 'its scenario has not ended')
  play.start(other)
  assert.deepEqual(play.collector.count(), { passed: 2, failed: 0, notApplicable: 0, undetermined: 1 })
})

test('of each scenario of a requirement it is told what it came to, and in which kind of step', () => {
  const play = new Play()
  const ids = [play.plan('@a.b.1'), play.planStep('Context', '@a.b.1'), play.plan('@a.b.1'), play.plan('@a.b.2')]
  const [good = '', prepared = '', silent = '', other = ''] = ids
  for (const id of ids) play.start(id)
  play.observe(good, 'satisfied')
  play.observe(prepared, 'satisfied')
  play.observe(prepared, 'violated', { fault: 'product', message: 'not true', first: 'none', last: '3 of 4 spans' })
  play.observe(other, 'satisfied', { requirement: 'a.b.2' })
  for (const id of ids) play.end(id)
  const nothing = { request: null, message: null, first: null, last: null }
  const scenarios = play.collector.scenariosOf('a.b.1').map(each => ({ ...nothing, ...each }))
  assert.deepEqual(
    scenarios.map(({ name, verdict, within }) => [name, verdict, within]),
    [
      ['scenario 1', 'satisfied', 'Then'],
      ['scenario 2', 'violated', 'Given'],
      ['scenario 3', 'undetermined', null],
    ],
  )
  assert.deepEqual(scenarios[1], {
    name: 'scenario 2',
    verdict: 'violated',
    fault: 'product',
    step: 'fact',
    within: 'Given',
    request: null,
    message: 'not true',
    first: 'none',
    last: '3 of 4 spans',
  })
  assert.deepEqual([scenarios[2]?.fault, scenarios[2]?.message], ['harness', 'its scenario observed nothing'])
  assert.equal(silent, '3')
})

test('of a scenario that serves two requirements each gets what was observed of it', () => {
  const play = new Play()
  const id = play.plan('@a.b.1', '@a.b.2')
  play.start(id)
  play.observe(id, 'satisfied')
  play.observe(id, 'violated', { requirement: 'a.b.2' })
  play.end(id)
  const verdicts = ['a.b.1', 'a.b.2'].map(each => play.collector.scenariosOf(each).map(({ verdict }) => verdict))
  assert.deepEqual(verdicts, [['satisfied'], ['violated']])
})

test('a scenario that passed and observed nothing proves nothing, also beside one that did', () => {
  const play = new Play()
  const [silent, good] = [play.plan('@a.b.1'), play.plan('@a.b.1')]
  for (const id of [silent, good]) play.start(id)
  play.observe(good, 'satisfied')
  play.endStep(silent, 'PASSED')
  play.end(silent)
  play.end(good)
  const { outcome, observation } = play.collector.verdictOf('a.b.1')
  assert.deepEqual(
    [outcome, observation.fault, observation.message],
    ['undetermined', 'harness', 'its scenario observed nothing'],
  )
})

test('a failed step that its observation explains adds nothing; one that nothing explains is a fault of the harness', () => {
  const play = new Play()
  const [broken, defect] = [play.plan('@a.b.1'), play.plan('@a.b.2')]
  for (const id of [broken, defect]) play.start(id)
  play.observe(broken, 'violated')
  play.endStep(broken, 'FAILED', { type: 'Violation', message: 'no' })
  play.end(broken)
  assert.equal(play.collector.verdictOf('a.b.1').outcome, 'violated')
  play.observe(defect, 'satisfied', { requirement: 'a.b.2' })
  play.endStep(defect, 'FAILED', { type: 'TypeError', message: 'x is not a function' })
  play.end(defect)
  const { outcome, observation } = play.collector.verdictOf('a.b.2')
  assert.deepEqual([outcome, observation.fault], ['undetermined', 'harness'])
  assert.match(observation.message ?? '', /the step "it does something": TypeError: x is not a function/)
  assert.deepEqual(play.collector.count(), { passed: 0, failed: 1, notApplicable: 0, undetermined: 1 })
})

test('a hook that fails after a satisfied scenario keeps it from being green', () => {
  const play = new Play()
  const id = play.plan('@a.b.1')
  play.start(id)
  play.observe(id, 'satisfied')
  play.endStep(id, 'PASSED')
  play.endStep(
    id,
    'FAILED',
    { type: 'Error', message: 'not cleaned', stackTrace: 'Error: not cleaned\n    at x' },
    'hook',
  )
  play.end(id)
  assert.match(play.collector.verdictOf('a.b.1').observation.message ?? '', /^a hook: Error: not cleaned\n {4}at x/)
})

for (const [status, expected] of [
  ['UNDEFINED', /no step definition matches/],
  ['AMBIGUOUS', /more than one/],
  ['PENDING', /pending/],
] as const) {
  test(`a step that is ${status.toLowerCase()} is a fault of the harness`, () => {
    const play = new Play()
    const id = play.plan('@a.b.1')
    play.start(id)
    play.endStep(id, status)
    play.end(id)
    assert.match(play.collector.verdictOf('a.b.1').observation.message ?? '', expected)
  })
}

test('a skipped scenario is not applicable only where it said so', () => {
  const play = new Play()
  const [said, silent] = [play.plan('@a.b.1'), play.plan('@a.b.2')]
  for (const id of [said, silent]) play.start(id)
  play.observe(said, 'not applicable')
  for (const id of [said, silent]) {
    play.endStep(id, 'SKIPPED')
    play.end(id)
  }
  assert.equal(play.collector.verdictOf('a.b.1').outcome, 'not applicable')
  assert.equal(play.collector.verdictOf('a.b.2').outcome, 'undetermined')
})

test('what an attempt saw that is tried again is not forgotten', () => {
  const play = new Play()
  const id = play.plan('@a.b.1')
  play.start(id)
  play.observe(id, 'violated')
  assert.deepEqual(play.end(id, 0, true), [])
  play.start(id, 1)
  play.observe(id, 'satisfied', {}, false, 1)
  assert.deepEqual(play.end(id, 1), ['a.b.1'])
  assert.equal(play.collector.verdictOf('a.b.1').outcome, 'violated')
})

test('an observation of another requirement, or an unreadable one, is a fault of the harness', () => {
  const play = new Play()
  const [foreign, garbled] = [play.plan('@a.b.1'), play.plan('@a.b.2')]
  for (const id of [foreign, garbled]) play.start(id)
  play.observe(foreign, 'satisfied', { requirement: 'a.b.9' })
  play.attach(garbled, observationMediaType, '{"outcome": "fine"}')
  for (const id of [foreign, garbled]) play.end(id)
  assert.match(
    play.collector.verdictOf('a.b.1').observation.message ?? '',
    /observed a\.b\.9, which it is not tagged with/,
  )
  assert.match(play.collector.verdictOf('a.b.2').observation.message ?? '', /told something unreadable/)
})

test('notes and logs are told once each', () => {
  const play = new Play()
  const id = play.plan('@a.b.1')
  play.start(id)
  play.observe(id, 'satisfied', { notes: ['young'] })
  play.observe(id, 'satisfied', { notes: ['young'] })
  play.attach(id, 'text/x.cucumber.log+plain', 'not put back: x')
  play.end(id)
  assert.deepEqual(play.collector.verdictOf('a.b.1').notes, ['young', 'not put back: x'])
})

test('faults of the run as a whole are kept', () => {
  const play = new Play()
  play.plan('@slow')
  play.send({ testRunHookFinished: { result: { status: 'FAILED', message: 'no socket' } } })
  play.send({ testRunFinished: { success: false, exception: { type: 'Error', message: 'a worker died' } } })
  assert.match(
    play.collector.errors.join('\n'),
    /"scenario 1" is tagged with no requirement\n.*no socket\n.*Error: a worker died/,
  )
})
