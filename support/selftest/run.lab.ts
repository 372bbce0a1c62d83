import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { LabRecord } from '../lab/lab-record.ts'
import { isEnded } from '../lab/testing/processes.ts'
import { printed, readReport, resultOf, verdictsOf } from './run-report.ts'
import { Surroundings } from './surroundings.ts'
import { haveServers } from './target.ts'
import { until } from './until.ts'

const surroundings = new Surroundings()
before(haveServers)
after(async () => await surroundings[Symbol.asyncDispose]())

const kept = ['tempo-mimir.003.8', 'tempo-mimir.005.2', 'tempo-mimir.006.1', 'tempo-mimir.006.6']
const asRequirements = (ids: readonly string[]) => ids.flatMap(id => ['--requirement', id])

test('a run on the lab proves what was asked, writes it down, and leaves nothing behind', async () => {
  const command = surroundings.accept(asRequirements(kept))
  let lab: LabRecord | undefined
  await until('a lab of two servers', 30_000, async () => {
    lab = surroundings.labRecords().find(({ servers }) => servers.length === 2)
    return lab !== undefined
  })
  const ended = await command.ended
  assert.equal(ended.code, 0, printed(ended))

  const run = readReport(ended)
  assert.equal(run.exitCode, 0)
  assert.equal(run.target, 'lab')
  assert.equal(run.deadlineScale, 1)
  assert.deepEqual(Object.keys(run.versions).sort(), ['minio', 'tempo'])
  assert.ok(run.wallMs > 0 && run.wallMs <= ended.elapsedMs, `${run.wallMs} of ${ended.elapsedMs} ms`)
  assert.ok(Math.abs(Date.now() - Date.parse(run.startedAt) - run.wallMs) < 10_000, run.startedAt)
  assert.deepEqual(run.errors, [])
  const verdicts = verdictsOf(run)
  assert.ok(
    kept.every(id => verdicts[id] === 'satisfied'),
    printed(ended),
  )
  assert.deepEqual(run.scenarios, { passed: await plannedScenarios(), failed: 0, notApplicable: 0, undetermined: 0 })
  const { deadlineMs, timeToTrueMs, attempts, message, fault } = resultOf(run, 'tempo-mimir.005.2')
  assert.equal(deadlineMs, 600_000)
  assert.ok(timeToTrueMs !== null && timeToTrueMs > 0 && timeToTrueMs < deadlineMs, `${timeToTrueMs} ms`)
  // On a busy machine the first look may come late.
  assert.ok(attempts > 1 || timeToTrueMs > 1_000, 'a trace is never in the bucket when it has just been acknowledged')
  assert.deepEqual([message, fault], [null, null])

  const ledger = readLedger(ended.reports)
  assert.deepEqual(
    ledger.map(({ runId, id, verdict }) => [runId, id, verdict]),
    run.requirements.map(({ id, verdict }) => [run.runId, id, verdict]),
  )
  for (const id of kept) assert.match(ended.stdout, new RegExp(`^satisfied +${id} `, 'm'))

  assert.ok(lab !== undefined)
  for (const { name, process } of lab.servers) assert.ok(await isEnded(process.pid), `${name} still runs`)
  assert.equal(existsSync(lab.directory), false)
  assert.deepEqual(surroundings.labRecords(), [])
  assert.deepEqual(surroundings.labFolders(), [])
})

test('a run whose output nobody reads to the end comes to the same', async () => {
  const command = surroundings.accept(asRequirements(['tempo-mimir.003.8']))
  await command.prints(/^run /m)
  command.closeOutput()
  const ended = await command.ended
  assert.equal(ended.code, 0, printed(ended))
  assert.equal(ended.stderr.includes('EPIPE'), false, ended.stderr)
  assert.equal(readReport(ended).exitCode, 0)
  assert.deepEqual([surroundings.labRecords(), surroundings.labFolders()], [[], []])
})

test('a dry run tells what would run, and starts and writes nothing', async () => {
  const ended = await surroundings.accept(['--dry-run', ...asRequirements(['tempo-mimir.005.2'])]).ended
  assert.equal(ended.code, 0, printed(ended))
  assert.match(ended.stdout, /^tempo-mimir\.005\.2 {2}When a trace .+/m)
  assert.match(ended.stdout, /^ {4}features\/tempo\/storage\.feature:\d+ {2}\S/m)
  assert.match(ended.stdout, /^1 requirements?, \d+ scenarios? would run$/m)
  assert.equal(ended.stderr, '')
  assert.equal(existsSync(ended.reports), false)
  assert.deepEqual([surroundings.labRecords(), surroundings.labFolders()], [[], []])
})

test('a dry run knows every step of every scenario', async () => {
  const ended = await surroundings.accept(['--dry-run']).ended
  assert.equal(ended.code, 0, printed(ended))
})

/** How many scenarios a dry run of the same selection promises. */
async function plannedScenarios(): Promise<number> {
  const { stdout } = await surroundings.accept(['--dry-run', ...asRequirements(kept)]).ended
  return Number(/, (\d+) scenarios would run/.exec(stdout)?.[1])
}

function readLedger(reports: string): { runId: string; id: string; verdict: string }[] {
  const text = readFileSync(join(reports, 'ledger.ndjson'), 'utf8')
  assert.ok(text.endsWith('\n'))
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { runId: string; id: string; verdict: string })
}
