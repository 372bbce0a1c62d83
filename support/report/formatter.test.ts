import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { hashesOf } from '../proofs/hash.ts'
import type { ProofEntry } from '../proofs/proofs-file.ts'
import { readScenarioTexts } from '../proofs/scenario-texts.ts'
import { loadRegistry } from '../requirements/registry.ts'

const project = resolve(import.meta.dirname, '../..')
const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const steps = `
import { After, BeforeAll, When } from '@cucumber/cucumber'
import { Violation } from '${project}/support/errors.ts'
const mediaType = 'application/vnd.observability-acceptance.observation+json'
const none = { deadlineMs: 5000, timeToTrueMs: null, uncertaintyMs: null, attempts: 3 }
BeforeAll(function () { if (process.env.BREAK_HOOK) throw new Error('no socket') })
When('{word} is {word}', function (requirement, outcome) {
  const broken = outcome !== 'satisfied'
  const seen = broken ? { fault: 'product', message: 'not true, said ' + process.env.TOKEN, last: '3 of 4 spans' } : { fault: null, timeToTrueMs: 50 }
  this.attach(JSON.stringify({ ...none, requirement, fact: 'f', outcome, ...seen }), mediaType)
  if (broken) throw new Violation(requirement + ' is violated, said ' + process.env.TOKEN)
})
When('it breaks', function () { throw new TypeError('x is not a function of ' + process.env.TOKEN) })
When('it says nothing', function () {})
When('the process dies', function () { setTimeout(() => process.kill(process.pid, 'SIGKILL'), 0); return new Promise(() => undefined) })
`
const target = `name: toy
systems:
  tempo:
    http: {url: "http://127.0.0.1:1", bearerToken: {env: TOKEN}}
    otlpGrpc: http://127.0.0.1:1
    otlpHttp: http://127.0.0.1:1
    bucket: traces
deviations: [{requirement: tempo-mimir.006.1, reason: known, owner: me, until: 2999-12-31}]
`

interface Run {
  readonly code: number | string | null
  readonly output: string
  readonly reports: string
  readonly run: {
    exitCode: number | null
    scaled: boolean
    requirements: {
      id: string
      verdict: string
      accepted: boolean
      fault: string
      message: string
      proof: string | null
    }[]
    errors: string[]
  }
}

/** Runs real Cucumber, with worker threads, over scenarios that are given as pairs of a tag and a step. */
async function play(
  scenarios: [string, string][],
  environment: Record<string, string> = {},
  parallel = 2,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'formatter-'))
  folders.push(folder)
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'reports'))
  if (environment.PROOFS !== undefined) writeFileSync(join(folder, 'reports/proofs.json'), environment.PROOFS)
  writeFileSync(join(folder, 'reports/run.json'), '{"runId": "earlier", "exitCode": 0}')
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'steps.ts'), steps)
  writeFileSync(join(folder, 'target.yaml'), target)
  const rules = scenarios.map(
    ([tag, step], index) => `  @${tag}\n  Rule: r${index}\n    Scenario: s${index}\n      When ${step}\n`,
  )
  writeFileSync(join(folder, 'toy.feature'), `Feature: Toys\n${rules.join('')}`)
  const formats = [
    `${project}/support/report/formatter.ts`,
    [`${project}/support/report/allure.ts`, 'reports/allure.log'],
  ]
  const configuration = { import: ['steps.ts'], paths: ['toy.feature'], parallel, format: formats, publishQuiet: true }
  writeFileSync(join(folder, 'cucumber.js'), `export default ${JSON.stringify(configuration)}`)
  const env = {
    ...process.env,
    ACCEPT_TARGET: 'target.yaml',
    ACCEPT_RUN_ID: 'run-1',
    TOKEN: 'a-secret-token',
    ...environment,
  }
  const cucumber = join(project, 'node_modules/@cucumber/cucumber/bin/cucumber.js')
  return await new Promise(done => {
    execFile(process.execPath, [cucumber], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const reports = join(folder, 'reports')
      const run = JSON.parse(readFileSync(join(reports, 'run.json'), 'utf8'))
      done({ code: error?.code ?? error?.signal ?? 0, output: stdout + stderr, reports, run })
    })
  })
}

function allureOf(
  reports: string,
): { name: string; status: string; description?: string; labels: { name: string; value: string }[] }[] {
  const folder = join(reports, 'allure-results')
  const files = readdirSync(folder).filter(name => name.endsWith('-result.json'))
  return files
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => a.name.localeCompare(b.name))
}

for (const parallel of [0, 2]) {
  test(`verdicts of a run with ${parallel} workers, on the screen, in run.json, in the ledger and in Allure`, async () => {
    const { output, reports, run } = await play(
      [
        ['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied'],
        ['tempo-mimir.006.1', 'tempo-mimir.006.1 is violated'],
        ['tempo-mimir.006.4', 'tempo-mimir.006.4 is violated'],
        ['tempo-mimir.006.2', 'it breaks'],
        ['tempo-mimir.006.3', 'it says nothing'],
        ['tempo-mimir.006.5', 'nobody knows this'],
      ],
      {},
      parallel,
    )
    const verdicts = Object.fromEntries(
      run.requirements.map(({ id, verdict, accepted }) => [id, accepted ? 'accepted' : verdict]),
    )
    assert.deepEqual(verdicts, {
      'tempo-mimir.005.1': 'satisfied',
      'tempo-mimir.006.1': 'accepted',
      'lgtm.022.2': 'accepted',
      'tempo-mimir.006.4': 'violated',
      'tempo-mimir.006.2': 'undetermined',
      'tempo-mimir.006.3': 'undetermined',
      'tempo-mimir.006.5': 'undetermined',
    })
    assert.equal(run.exitCode, 1)
    assert.match(output, /^satisfied +tempo-mimir\.005\.1 .* 50 ms █░{9} +1%$/m)
    assert.match(output, /last {4}3 of 4 spans/)
    assert.equal(readFileSync(join(reports, 'ledger.ndjson'), 'utf8').trimEnd().split('\n').length, 7)
    const results = allureOf(reports)
    assert.deepEqual(
      results.map(({ status }) => status),
      ['passed', 'failed', 'failed', 'broken', 'broken', 'broken'],
    )
    const label = (name: string) => results[0]?.labels.find(each => each.name === name)?.value ?? ''
    assert.match(label('story'), /^tempo-mimir\.005\.1 When a trace reaches Tempo/)
    assert.match(label('epic'), /^LGTM stack/)
    assert.equal(label('proof'), 'unproven')
    const written = readdirSync(reports, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    for (const entry of written) {
      assert.doesNotMatch(readFileSync(join(entry.parentPath, entry.name), 'utf8'), /a-secret-token/, entry.name)
    }
    assert.doesNotMatch(output, /a-secret-token/)
  })
}

test('all satisfied: exit code 0', async () => {
  const { run } = await play([['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied']])
  assert.equal(run.exitCode, 0)
})

test('what is on record of proofs is told in the summary, in run.json and in Allure', async () => {
  const registry = loadRegistry()
  const hashes = hashesOf(registry, readScenarioTexts())
  const entry = (id: string, hash: string | undefined): ProofEntry => ({
    id,
    hash: hash ?? assert.fail(id),
    state: 'proven',
    cause: null,
    control: 'green',
    known: 1,
    when: 'now',
    faults: [],
  })
  const requirements = [
    entry('tempo-mimir.005.1', hashes.get('tempo-mimir.005.1')),
    entry('tempo-mimir.006.1', 'another'),
  ]
  const proofs = { schemaVersion: 1, when: 'now', versions: {}, wallMs: 1, injected: 1, noticed: 1, falseAlarms: [] }
  const { output, run, reports } = await play(
    [
      ['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied'],
      ['tempo-mimir.006.1', 'tempo-mimir.006.1 is satisfied'],
      ['tempo-mimir.006.2', 'tempo-mimir.006.2 is satisfied'],
    ],
    { PROOFS: JSON.stringify({ ...proofs, requirements }) },
  )
  assert.match(output, /^proofs: 1 of 3 proven, 1 stale, 1 unproven \(npm run prove\)$/m)
  assert.deepEqual(
    run.requirements.map(({ id, proof }) => [id, proof]),
    [
      ['tempo-mimir.005.1', 'proven'],
      ['tempo-mimir.006.1', 'stale'],
      ['lgtm.022.2', 'stale'],
      ['tempo-mimir.006.2', null],
    ],
  )
  const labels = allureOf(reports).map(result => result.labels.find(({ name }) => name === 'proof')?.value)
  assert.deepEqual(labels, ['proven', 'stale', 'unproven'])
  assert.match(allureOf(reports)[1]?.description ?? '', /Proof: stale; its wording/)
})

test('a run that dies is never green, though an earlier one was', async () => {
  const { run, code } = await play([
    ['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied'],
    ['tempo-mimir.005.3', 'the process dies'],
  ])
  assert.equal(code, 'SIGKILL')
  assert.equal(run.exitCode, null)
  assert.deepEqual(
    run.requirements.map(({ verdict, fault }) => `${verdict} ${fault}`),
    ['undetermined harness', 'undetermined harness'],
  )
  assert.match(run.requirements[1]?.message ?? '', /has not ended/)
})

test('features that cannot be read leave the run undecided, though an earlier one was green', async () => {
  const { run, output } = await play([['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied\n      Wen garbage']])
  assert.equal(run.exitCode, null)
  assert.match(output, /Parse error/)
})

test('a hook of the whole run that fails decides nothing: exit code 3', async () => {
  const { run, output } = await play([['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied']], { BREAK_HOOK: '1' })
  assert.equal(run.exitCode, 3)
  assert.match(output, /error +a hook of the run failed: .*no socket/)
})

test('a scaled run is marked', async () => {
  const { output } = await play([['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied']], {
    ACCEPT_DEADLINE_SCALE: '0.5',
  })
  assert.equal(output.match(/SCALED: every deadline × 0\.5/g)?.length, 2)
  assert.match(output, /×0\.5$/m)
})

test('a run with deadlines of its own is marked, in run.json, the ledger and Allure too', async () => {
  const { output, reports, run } = await play([['tempo-mimir.005.1', 'tempo-mimir.005.1 is satisfied']], {
    ACCEPT_DEADLINES: 'deadlines.json',
  })
  assert.equal(output.match(/SCALED: deadlines were set one by one/g)?.length, 2)
  assert.equal(run.scaled, true)
  assert.equal(JSON.parse(readFileSync(join(reports, 'ledger.ndjson'), 'utf8')).scaled, true)
  const environment = readFileSync(join(reports, 'allure-results/environment.properties'), 'utf8')
  assert.match(environment, /scaled.*no statement of conformance/)
})
