import { randomUUID } from 'node:crypto'
import { type Envelope, type Pickle, TestStepResultStatus, TimeConversion, type Timestamp } from '@cucumber/messages'
import type { ScenarioMessages } from '../gherkin/features.ts'
import { type Observation, observationMediaType } from '../observation.ts'
import { describeShard } from '../shard.ts'
import { requirementOf } from '../tags.ts'
import type { ShardRun } from './shard-run.ts'

/**
 * The messages of several runs as those of a single one, in which every scenario that was expected is told of: one that
 * none of them ended keeps its requirement from being decided, and says whose it was.
 * @param total how many shards there were to be; 0 where they were no shards
 */
export function mergeRuns(runs: readonly ShardRun[], expected: readonly ScenarioMessages[], total: number): Envelope[] {
  const told = runs.map(run => endedOnly(run.messages))
  const seen = new Set(told.flatMap(({ pickles }) => pickles.map(placeOf)))
  const missing = expected.filter(({ pickle }) => !seen.has(placeOf(pickle)))
  const why = whyMissing(runs, total)
  const absent = missing.map(scenario => neverRun(scenario, why))
  // Each requirement is decided once, when the last of its scenarios has ended, so all are announced before.
  return [
    { testRunStarted: { timestamp: boundary(runs, 'first') } },
    ...told.flatMap(({ announced }) => announced),
    ...absent.flatMap(({ announced }) => announced),
    ...told.flatMap(({ happened }) => happened),
    ...absent.flatMap(({ happened }) => happened),
    endOf(runs),
  ]
}

/** How many scenarios of a run came to their end. */
export function countEnded({ messages }: ShardRun): number {
  return endedOnly(messages).pickles.length
}

/** The shards of which nothing was heard, in words; empty where all reported. */
export function silentShards(runs: readonly ShardRun[], total: number): string[] {
  const heard = runs.flatMap(({ run }) => (run.shard?.total === total ? [run.shard.index] : []))
  const all = Array.from({ length: total }, (_, index) => index + 1)
  return all.filter(index => !heard.includes(index)).map(index => describeShard({ index, total }))
}

interface Told {
  readonly pickles: readonly Pickle[]
  /** What there is: features, scenarios, hooks. */
  readonly announced: readonly Envelope[]
  /** What happened in scenarios. */
  readonly happened: readonly Envelope[]
}

/** Leaves out the scenarios in whose middle the run broke off. */
function endedOnly(messages: readonly Envelope[]): Told {
  const attempts = new Map(
    messages.flatMap(({ testCaseStarted }) =>
      testCaseStarted === undefined ? [] : [[testCaseStarted.id, testCaseStarted.testCaseId]],
    ),
  )
  const ended = new Set(
    messages.flatMap(({ testCaseFinished }) =>
      testCaseFinished === undefined || testCaseFinished.willBeRetried
        ? []
        : [attempts.get(testCaseFinished.testCaseStartedId)],
    ),
  )
  const cases = messages.flatMap(({ testCase }) => (testCase !== undefined && ended.has(testCase.id) ? [testCase] : []))
  const chosen = new Set(cases.map(({ pickleId }) => pickleId))
  const pickles = messages.flatMap(({ pickle }) => (pickle !== undefined && chosen.has(pickle.id) ? [pickle] : []))
  const isOfEnded = (attempt: string | undefined) => attempt !== undefined && ended.has(attempts.get(attempt))
  return {
    pickles,
    announced: [
      ...messages.filter(({ gherkinDocument, hook, parseError }) => gherkinDocument ?? hook ?? parseError),
      ...pickles.map(pickle => ({ pickle })),
      ...cases.map(testCase => ({ testCase })),
    ],
    happened: messages.filter(envelope => {
      const { testCaseStarted, testCaseFinished, testStepStarted, testStepFinished, attachment } = envelope
      const part = testCaseFinished ?? testStepStarted ?? testStepFinished ?? attachment
      return (
        isOfEnded(testCaseStarted?.id ?? part?.testCaseStartedId) ||
        envelope.testRunHookStarted !== undefined ||
        envelope.testRunHookFinished !== undefined
      )
    }),
  }
}

function whyMissing(runs: readonly ShardRun[], total: number): string {
  const silent = silentShards(runs, total)
  if (silent.length > 0) return `no run has this scenario; ${silent.join(', ')} never reported`
  const broken = runs.filter(({ run }) => run.exitCode === null)
  if (broken.length > 0) {
    const names = broken.map(({ run }) => (run.shard === undefined ? `run ${run.runId}` : describeShard(run.shard)))
    return `no run has ended this scenario; ${names.join(', ')} broke off`
  }
  return 'no run has this scenario, though each one ended: were they told of other scenarios than the merge?'
}

/** A scenario that nobody ran, told as one whose first step could not be made. */
function neverRun({ document, pickle }: ScenarioMessages, message: string): Told {
  const [testCaseId, testStepId, testCaseStartedId] = [randomUUID(), randomUUID(), randomUUID()]
  const timestamp = TimeConversion.millisecondsSinceEpochToTimestamp(Date.now())
  const testStepResult = {
    status: TestStepResultStatus.FAILED,
    duration: { seconds: 0, nanos: 0 },
    message,
    exception: { type: 'Undetermined', message },
  }
  const observation: Observation = {
    requirement: requirementOf(pickle.tags.map(({ name }) => name)) ?? '',
    fact: pickle.name,
    outcome: 'undetermined',
    fault: 'environment',
    deadlineMs: null,
    timeToTrueMs: null,
    uncertaintyMs: null,
    attempts: 0,
    message,
  }
  const attachment = {
    testCaseStartedId,
    testStepId,
    body: JSON.stringify(observation),
    contentEncoding: 'IDENTITY' as const,
    mediaType: observationMediaType,
  }
  const [first] = pickle.steps
  const step = { id: testStepId, stepDefinitionIds: [], ...(first !== undefined && { pickleStepId: first.id }) }
  return {
    pickles: [pickle],
    announced: [
      { gherkinDocument: document },
      { pickle },
      { testCase: { id: testCaseId, pickleId: pickle.id, testSteps: [step] } },
    ],
    happened: [
      { testCaseStarted: { id: testCaseStartedId, testCaseId, attempt: 0, timestamp } },
      { testStepStarted: { testCaseStartedId, testStepId, timestamp } },
      { attachment: attachment as NonNullable<Envelope['attachment']> },
      { testStepFinished: { testCaseStartedId, testStepId, timestamp, testStepResult } },
      { testCaseFinished: { testCaseStartedId, timestamp, willBeRetried: false } },
    ],
  }
}

/** The first message of all runs, or the last. */
function boundary(runs: readonly ShardRun[], which: 'first' | 'last'): Timestamp {
  const times = runs.flatMap(({ messages }) =>
    messages.flatMap(({ testRunStarted, testCaseFinished, testRunFinished }) => {
      const timestamp = (testRunStarted ?? testCaseFinished ?? testRunFinished)?.timestamp
      return timestamp === undefined ? [] : [TimeConversion.timestampToMillisecondsSinceEpoch(timestamp)]
    }),
  )
  const choose = which === 'first' ? Math.min : Math.max
  return TimeConversion.millisecondsSinceEpochToTimestamp(times.length === 0 ? Date.now() : choose(...times))
}

/** What broke off any of the runs breaks off the whole. */
function endOf(runs: readonly ShardRun[]): Envelope {
  const exceptions = runs.flatMap(({ messages }) =>
    messages.flatMap(({ testRunFinished }) => testRunFinished?.exception ?? []),
  )
  const [exception] = exceptions
  return {
    testRunFinished: {
      timestamp: boundary(runs, 'last'),
      success: exception === undefined,
      ...(exception !== undefined && { exception }),
    },
  }
}

/** By which a scenario is the same in two runs: its file and line; the rows of an outline have lines of their own. */
function placeOf({ uri, location, name }: Pickle): string {
  return `${uri}:${location?.line ?? name}`
}
