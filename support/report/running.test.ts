import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Envelope } from '@cucumber/messages'
import pc from 'picocolors'
import { RunningScenarios, SilenceBreaker } from './running.ts'
import type { Style } from './style.ts'

const style: Style = { width: 80, colors: pc.createColors(false) }
const timestamp = { seconds: 0, nanos: 0 }

function started(number: number): Envelope[] {
  const step = { id: `pickle-step-${number}`, text: `within 2 hours fact ${number} is so`, astNodeIds: [] }
  const tags = [
    { name: '@tempo', astNodeId: '' },
    { name: `@suite.tempo.${number}`, astNodeId: '' },
  ]
  const pickle = {
    id: `pickle-${number}`,
    uri: 'a.feature',
    name: `Scenario ${number}`,
    language: 'en',
    astNodeIds: [],
  }
  const testSteps = [{ id: `hook-${number}` }, { id: `step-${number}`, pickleStepId: step.id }]
  return [
    { pickle: { ...pickle, steps: [step], tags } },
    { testCase: { id: `case-${number}`, pickleId: pickle.id, testSteps } },
    {
      testCaseStarted: {
        id: `attempt-${number}`,
        testCaseId: `case-${number}`,
        attempt: 0,
        workerId: '0',
        timestamp,
      },
    },
  ]
}

function stepOf(number: number, testStepId: string): Envelope {
  return { testStepStarted: { testCaseStartedId: `attempt-${number}`, testStepId, timestamp } }
}

test('each scenario that runs has a line: its requirement, its step, and for how long it is at that', () => {
  const running = new RunningScenarios()
  for (const envelope of [...started(1), ...started(2), stepOf(2, 'hook-2'), stepOf(2, 'step-2')])
    running.receive(envelope)
  const lines = running.render(style)
  assert.equal(lines.length, 2)
  // Hooks have no text: it is still the scenario that runs.
  assert.match(lines[0] ?? '', /^running +suite\.tempo\.1 +Scenario 1 +\d.* m?s$/)
  assert.match(lines[1] ?? '', /^running +suite\.tempo\.2 +within 2 hours fact 2 is so +\d.* m?s$/)
  for (const line of lines) assert.ok(line.length <= style.width, line)

  const testCaseFinished = { testCaseStartedId: 'attempt-1', timestamp, willBeRetried: false }
  running.receive({ testCaseFinished })
  assert.deepEqual(running.render(style).length, 1)
})

test('silence is broken after half a minute, then ever more rarely, and not after the end', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let spoken = 0
    const silence = new SilenceBreaker(() => {
      spoken += 1
    })
    const after = (seconds: number): number => {
      mock.timers.tick(seconds * 1_000)
      return spoken
    }
    assert.equal(after(29), 0)
    silence.heard()
    assert.equal(after(29), 0)
    assert.equal(after(1), 1)
    assert.equal(after(59), 1)
    assert.equal(after(1), 2)
    assert.equal(after(119), 2)
    assert.equal(after(1), 3)
    silence.end()
    silence.heard()
    assert.equal(after(3_600), 3)
  } finally {
    mock.timers.reset()
  }
})
