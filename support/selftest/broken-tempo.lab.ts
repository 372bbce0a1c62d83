import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { Tempo } from '../drivers/tempo.ts'
import type { LabFault } from '../lab/lab.ts'
import { loadTarget } from '../target/load.ts'
import type { Ended } from './command.ts'
import { ruleFault, tempoFault } from './fault.ts'
import { printed, readReport, resultOf, verdictsOf } from './run-report.ts'
import { useTestLab } from './test-lab.ts'

/**
 * Tempos that break a promise: a fault stands between the suite and the lab's Tempo, or in its configuration, and the run
 * must end with 1 and name the promise. The last test has no fault: it is not the lab that turns the others red.
 */
const { surroundings, lab } = useTestLab()
afterEach(async () => await lab().restore())

const queryById = { path: '^/api/traces/' }

/** What must be known before anything is observed: a busy machine may need longer for it than a scaled deadline allows. */
const unscaled = { "Tempo's configuration cannot be learned": 10_000 }

async function run(ids: readonly string[], scale: number): Promise<Ended> {
  const deadlines = join(surroundings.folder, 'deadlines.json')
  writeFileSync(deadlines, JSON.stringify(unscaled))
  const requirements = ids.flatMap(id => ['--requirement', id])
  const options = ['--target', lab().targetFile, '--deadline-scale', String(scale), ...requirements]
  return await surroundings.accept(options, { ...lab().environment, ACCEPT_DEADLINES: deadlines }).ended
}

/** Runs some requirements under a fault. Where it has rules, one must have struck, else nothing was tested. */
async function runWith(fault: LabFault, scale: number, ...ids: string[]): Promise<Ended> {
  await lab().apply(fault)
  const ended = await run(ids, scale)
  const strikes = await lab().strikes()
  assert.ok(strikes.length === 0 || strikes.some(count => count > 0), `strikes ${strikes}\n${printed(ended)}`)
  return ended
}

function assertViolated(ended: Ended, ...ids: string[]): void {
  assert.equal(ended.code, 1, printed(ended))
  const report = readReport(ended)
  assert.equal(report.exitCode, 1)
  for (const id of ids) {
    const { verdict, accepted, fault } = resultOf(report, id)
    const expected = { id, verdict: 'violated', accepted: false, fault: 'product' }
    assert.deepEqual({ id, verdict, accepted, fault }, expected, printed(ended))
    assert.match(ended.stdout, new RegExp(`^violated +${id} `, 'm'))
  }
}

test('a Tempo that loses one span breaks its promise, and the report names the span', async () => {
  const drop = { drop: 'batches.-1.scopeSpans.-1.spans.-1' }
  const loseOneSpan = ruleFault({ at: 'tempo.http', when: queryById, do: { response: [drop] } })
  const ended = await runWith(loseOneSpan, 0.05, 'tempo-mimir.006.1', 'tempo-mimir.006.2')
  assertViolated(ended, 'tempo-mimir.006.1', 'tempo-mimir.006.2')
  await lab().restore()
  const tempo = new Tempo(loadTarget(lab().targetFile, lab().environment).systems.tempo ?? assert.fail('no tempo'))
  const told = [...ended.stdout.matchAll(/api\/traces\/([\da-f]{32})\n.*\n +last +3 of 4 spans; missing (.+)$/gm)]
  assert.ok(told.length > 0, printed(ended))
  for (const [, traceId = '', name] of told) {
    const { value: trace } = await tempo.traceById(traceId, AbortSignal.timeout(5_000))
    const spans = trace?.spans.map(span => `${span.name} (${span.spanId})`) ?? []
    assert.equal(spans.length, 4)
    assert.ok(spans.includes(name ?? ''), `${name} is none of ${spans}`)
  }
})

test('a Tempo that answers for an unknown id with an empty trace breaks its promise', async () => {
  const empty = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"batches":[]}' }
  const fault = ruleFault({ at: 'tempo.http', when: { ...queryById, status: 404 }, do: { answer: empty } })
  assertViolated(await runWith(fault, 1, 'tempo-mimir.006.6'), 'tempo-mimir.006.6')
})

test('a Tempo that answers too late breaks its promise', async () => {
  const late = ruleFault({ at: 'tempo.http', when: queryById, do: { delay: '5300 ms' } })
  const ended = await runWith(late, 1, 'tempo-mimir.006.1')
  assertViolated(ended, 'tempo-mimir.006.1')
  const { deadlineMs, timeToTrueMs } = resultOf(readReport(ended), 'tempo-mimir.006.1')
  assert.deepEqual([deadlineMs, timeToTrueMs], [5_000, null])
})

test('a Tempo that acknowledges over gRPC and discards breaks its promise', async () => {
  const discard = ruleFault({ at: 'tempo.otlp-grpc', do: { answer: { grpcStatus: 0 } } })
  assertViolated(await runWith(discard, 0.05, 'tempo-mimir.006.1'), 'tempo-mimir.006.1')
})

test('a Tempo that acknowledges over HTTP and discards breaks its promise', async () => {
  const acknowledge = (type: string, body: string) => ({
    at: 'tempo.otlp-http' as const,
    when: { path: '/v1/traces', headers: { 'content-type': type } },
    do: { answer: { status: 200, headers: { 'content-type': type }, body } },
  })
  const discard = ruleFault(acknowledge('application/json', '{}'), acknowledge('application/x-protobuf', ''))
  const ended = await runWith(discard, 0.05, 'tempo-mimir.006.2')
  assertViolated(ended, 'tempo-mimir.006.2')
  assert.ok((await lab().strikes()).every(count => count > 0))
})

test('a Tempo that flushes into another bucket breaks its promises', async () => {
  const elsewhere = tempoFault({ configuration: { 'storage.trace.s3.bucket': 'tempo-traces-elsewhere' } })
  const ids = ['tempo-mimir.003.8', 'tempo-mimir.005.2', 'tempo-mimir.005.4']
  const ended = await runWith(elsewhere, 0.01, ...ids)
  assertViolated(ended, ...ids)
  assert.match(ended.stdout, /its bucket is "tempo-traces-elsewhere", the target's is "tempo-traces"/)
})

/** Ends every connection that is there, and every attempt to make one, once a trace has been queried by its id. */
const goneSinceQuery = (at: 'tempo.http' | 'minio.s3') => {
  const timing = { since: { at: 'tempo.http' as const, ...queryById } }
  return [
    { at, timing, do: { reset: true as const } },
    { at, timing, do: { refuse: true as const } },
  ]
}
const queryIsCutOff = { at: 'tempo.http' as const, when: queryById, do: { reset: true as const } }

test('a Tempo that stops answering in the middle breaks its promise while its surroundings answer', async () => {
  const ended = await runWith(ruleFault(queryIsCutOff, ...goneSinceQuery('tempo.http')), 0.05, 'tempo-mimir.006.1')
  assertViolated(ended, 'tempo-mimir.006.1')
  assert.match(ended.stdout, /stopped answering, while everything else in the target answers/)
})

test('where the object storage is gone as well, nothing is decided', async () => {
  const gone = [...goneSinceQuery('tempo.http'), ...goneSinceQuery('minio.s3')]
  const ended = await runWith(ruleFault(queryIsCutOff, ...gone), 0.05, 'tempo-mimir.006.1')
  assert.equal(ended.code, 3, printed(ended))
  const { verdict, fault } = resultOf(readReport(ended), 'tempo-mimir.006.1')
  assert.deepEqual({ verdict, fault }, { verdict: 'undetermined', fault: 'environment' })
  assert.match(ended.stdout, /these do not answer either: object storage at 127\.0\.0\.1:\d+/)
})

test('the same requirements are satisfied when the faults are taken back', async () => {
  const ids = ['003.8', '005.2', '005.4', '006.1', '006.2', '006.6'].map(number => `tempo-mimir.${number}`)
  const ended = await run(ids, 1)
  assert.equal(ended.code, 0, printed(ended))
  const verdicts = verdictsOf(readReport(ended))
  assert.deepEqual(
    ids.map(id => verdicts[id]),
    ids.map(() => 'satisfied'),
    printed(ended),
  )
  assert.deepEqual(lab().incidents(), [])
})
