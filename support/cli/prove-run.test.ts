import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { type RunOrder, runOnLab } from './prove-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'prove-run-'))
after(() => rmSync(folder, { recursive: true }))

/** Nobody listens there. */
const nobody = 'http://127.0.0.1:9'
const targetFile = join(folder, 'target.yaml')
const tempo = { http: nobody, otlpGrpc: nobody, otlpHttp: nobody, bucket: 'traces' }
writeFileSync(targetFile, stringify({ name: 'nowhere', systems: { tempo } }))

let runs = 0
function order(given: Partial<RunOrder> = {}): RunOrder {
  runs += 1
  return {
    lab: { targetFile, environment: {}, versions: { tempo: '2.7.2' } },
    requirements: ['tempo-mimir.007.3'],
    scenarios: 1,
    folder: join(folder, String(runs)),
    limitMs: 60_000,
    signal: new AbortController().signal,
    ...given,
  }
}

test('a run tells what each scenario came to', async () => {
  const { requirements, failure } = await runOnLab(order())
  assert.equal(failure, undefined)
  assert.deepEqual(
    requirements.map(({ id, verdict, scenarios }) => [id, verdict, scenarios.map(({ name }) => name)]),
    [['tempo-mimir.007.3', 'not applicable', ['Nothing but the restart was done, and the blocks answer']]],
  )
})

test('the target file may say something else, at a path that need not be there', async () => {
  const given = order({
    fault: { target: { 'systems.tempo.tenant': 'other', 's3.endpoint': 'ftp://x', name: 'y' }, defect: undefined },
  })
  const { failure } = await runOnLab(given)
  assert.match(
    readFileSync(join(given.folder, 'target.yaml'), 'utf8'),
    /^name: y$[\s\S]*tenant: other[\s\S]*endpoint: ftp:\/\/x/m,
  )
  assert.match(failure ?? '', /its run\.json cannot be read.*s3/)
})

test('a run that takes too long is ended, and says so', async () => {
  const { requirements, failure, tookMs } = await runOnLab(order({ limitMs: 50 }))
  assert.deepEqual(requirements, [])
  assert.match(failure ?? '', /^the run was ended after 0 s/)
  assert.ok(tookMs < 30_000)
})

test('an interrupted run ends at once, and one that begins too late does not begin', async () => {
  const interruption = new AbortController()
  const given = order({ signal: interruption.signal })
  const running = runOnLab(given)
  interruption.abort(new Error('interrupted'))
  await assert.rejects(running, /interrupted/)
  assert.equal(existsSync(join(given.folder, 'run.json')), false)
  const late = order({ signal: interruption.signal })
  await assert.rejects(runOnLab(late), /interrupted/)
  assert.equal(existsSync(late.folder), false)
})

test('a defect of the suite is loaded into the run', async () => {
  const patience = {
    'tempo-mimir.006.6 | A trace that was never sent is not found, in time | Tempo answers within 5 seconds that there is no such trace': 500,
  }
  const fault = { target: {}, defect: 'type-error-in-a-driver.ts' }
  const { requirements } = await runOnLab(order({ requirements: ['tempo-mimir.006.6'], lengths: patience, fault }))
  assert.match(requirements[0]?.scenarios[0]?.message ?? '', /TypeError/)
})
