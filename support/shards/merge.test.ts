import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import type { Envelope } from '@cucumber/messages'
import { loadScenarios, scenarioMessages } from '../gherkin/features.ts'
import { observationMediaType } from '../observation.ts'
import { Collector } from '../report/collector.ts'
import type { ReadRun } from '../report/run-file.ts'
import { mergeRuns, silentShards } from './merge.ts'
import type { ShardRun } from './shard-run.ts'

const project = resolve(import.meta.dirname, '../..')
const requirement = 'suite.tempo.1'
/** An outline with two rows. */
const own = loadScenarios(project).filter(({ tags }) => tags.includes(`@${requirement}`))
const timestamp = { seconds: 1, nanos: 0 }
const result = { status: 'PASSED', duration: timestamp }

/** What a run tells that ran one of the rows; a run that was killed does not tell of its end. */
function shardRun(row: number, more: Partial<ReadRun> = {}): ShardRun {
  const [{ document, pickle } = assert.fail()] = scenarioMessages(project, own.slice(row, row + 1))
  const [testCaseId, testStepId, testCaseStartedId] = ['case', 'step', 'started'].map(name => `${name}-${row}`)
  const observation = { requirement, fact: pickle.name, outcome: 'satisfied', fault: null, attempts: 1 }
  const messages = [
    { testRunStarted: { timestamp } },
    { gherkinDocument: document },
    { pickle },
    { testCase: { id: testCaseId, pickleId: pickle.id, testSteps: [{ id: testStepId }] } },
    { testCaseStarted: { id: testCaseStartedId, testCaseId, attempt: 0, timestamp } },
    {
      attachment: {
        testCaseStartedId,
        testStepId,
        body: JSON.stringify({ ...observation, deadlineMs: null, timeToTrueMs: 5, uncertaintyMs: null }),
        contentEncoding: 'IDENTITY',
        mediaType: observationMediaType,
      },
    },
    { testStepFinished: { testCaseStartedId, testStepId, timestamp, testStepResult: result } },
    ...(more.exitCode === null
      ? []
      : [
          { testCaseFinished: { testCaseStartedId, timestamp, willBeRetried: false } },
          { testRunFinished: { timestamp, success: true } },
        ]),
  ] as unknown as Envelope[]
  const run: ReadRun = {
    runId: `run-${row}`,
    target: 'home',
    versions: {},
    deadlineScale: 1,
    scaled: false,
    shard: { index: row + 1, total: 2 },
    startedAt: '2026-11-21T00:00:00.000Z',
    exitCode: 0,
    requirements: [],
    errors: [],
    ...more,
  }
  return { folder: `shard-${row + 1}`, run, messages }
}

/** The verdict of the whole, and how often it was told that the requirement is decided. */
function merged(runs: readonly ShardRun[], total = 2) {
  const collector = new Collector()
  const decided = mergeRuns(runs, scenarioMessages(project, own), total).flatMap(each => collector.receive(each))
  const { outcome, observation } = collector.verdictOf(requirement)
  return { outcome, message: observation.message, fault: observation.fault, decided, counts: collector.count() }
}

test('what both shards saw decides a requirement whose scenarios lie in both, once', () => {
  const { outcome, decided, counts } = merged([shardRun(0), shardRun(1)])
  assert.equal(outcome, 'satisfied')
  assert.deepEqual(decided, [requirement])
  assert.equal(counts.passed, 2)
})

test('a scenario whose shard never reported keeps its requirement from being satisfied', () => {
  const { outcome, message, fault, counts } = merged([shardRun(0)])
  assert.equal(outcome, 'undetermined')
  assert.equal(fault, 'environment')
  assert.equal(message, 'no run has this scenario; shard 2 of 2 never reported')
  assert.deepEqual([counts.passed, counts.undetermined], [1, 1])
})

test('where nothing reported, everything is told as undetermined', () => {
  assert.equal(merged([]).outcome, 'undetermined')
  assert.match(merged([], 1).message ?? '', /shard 1 of 1 never reported/)
})

test('a scenario in whose middle a run broke off has not been seen, whatever it observed before', () => {
  const { outcome, message } = merged([shardRun(0), shardRun(1, { exitCode: null })])
  assert.equal(outcome, 'undetermined')
  assert.equal(message, 'no run has ended this scenario; shard 2 of 2 broke off')
})

test('runs that ended without a scenario were told of other ones', () => {
  const { message } = merged([shardRun(0), { ...shardRun(0), run: shardRun(1).run }])
  assert.match(message ?? '', /though each one ended: were they told of other scenarios/)
})

test('runs that are no shards leave no shard silent', () => {
  const { shard: _, ...run } = shardRun(0).run
  assert.deepEqual(silentShards([{ ...shardRun(0), run }], 0), [])
  assert.deepEqual(silentShards([shardRun(1)], 2), ['shard 1 of 2'])
})
