import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Ended } from './command.ts'
import { printed, readReport, resultOf } from './run-report.ts'
import { type EditableTarget, writeTarget } from './target.ts'
import { useTestLab } from './test-lab.ts'

const { surroundings, lab } = useTestLab()

/** It takes 0.3 s on an idle machine. */
const soonMs = 3_000
const known = ['--requirement', 'tempo-mimir.003.8']

async function refuses(options: readonly string[], ...said: RegExp[]): Promise<void> {
  const ended = await surroundings.accept(options).ended
  assert.equal(ended.code, 2, printed(ended))
  for (const pattern of said) assert.match(ended.stderr, pattern)
  assertNothingBegun(ended)
}

function assertNothingBegun(ended: Ended, limitMs = soonMs): void {
  assert.ok(ended.elapsedMs < limitMs, `it took ${ended.elapsedMs} ms`)
  assert.equal(ended.stdout, '')
  assert.equal(existsSync(ended.reports), false)
  assert.deepEqual([surroundings.labRecords(), surroundings.labFolders()], [[], []])
}

function target(change: (target: EditableTarget) => void): string {
  return writeTarget(surroundings.folder, lab(), change)
}

test('an unknown tag is refused with the nearest known one', async () => {
  await refuses(['--tags', '@tempoo and not @slow'], /@tempoo\b.*@tempo\b/)
})

test('an unknown requirement is refused with the nearest known ones', async () => {
  await refuses(['--requirement', 'tempo-mimir.006.99'], /tempo-mimir\.006\.99.*tempo-mimir\.006\.\d\b/)
})

test('a malformed tag expression is refused', async () => {
  await refuses(['--tags', '@tempo and ('], /--tags @tempo and \(/)
})

test('tags that select nothing together are refused', async () => {
  await refuses(['--tags', '@tempo and not @tempo'], /no scenario matches/)
})

test('an unknown option is refused with the nearest known one', async () => {
  await refuses(['--requirment', 'tempo-mimir.006.1'], /--requirment.*--requirement/)
})

test('an argument that belongs to no option is refused', async () => {
  await refuses(['@tempo'], /@tempo/)
})

for (const factor of ['0', '-1', 'fast', 'Infinity', '']) {
  test(`a deadline scale of "${factor}" is refused`, async () => {
    await refuses([...known, `--deadline-scale=${factor}`], /--deadline-scale.*expected a number above 0/)
  })
}

test('a target file that is not there is refused', async () => {
  await refuses([...known, '--target', join(surroundings.folder, 'nowhere.yaml')], /no target file.*nowhere\.yaml/)
})

test('a target file that is no YAML is refused with the line', async () => {
  const file = join(surroundings.folder, 'no.yaml')
  writeFileSync(file, 'name: lab\nsystems: {tempo: [\n')
  await refuses([...known, '--target', file], /no\.yaml:\d+: /)
})

test('everything that is wrong with a target file is told at once, each with its line and path', async () => {
  const file = target(({ systems, s3 }) => {
    systems.tempo.http = 'tempo:3200'
    systems.tempo.bucket = ''
    Object.assign(s3, { endpiont: s3.endpoint })
  })
  await refuses(
    [...known, '--target', file],
    /:\d+: systems\.tempo\.http: expected a URL/,
    /:\d+: systems\.tempo\.bucket: /,
    /:\d+: s3\.?.*endpiont/,
  )
})

test('every environment variable that is not set is told at once, each with the path that names it', async () => {
  const file = target(({ s3, systems }) => {
    s3.credentials.secretAccessKey = { env: 'SELFTEST_NOT_SET' }
    systems.tempo.http = { url: systems.tempo.http as string, bearerToken: { env: 'SELFTEST_NOT_SET_EITHER' } }
  })
  await refuses(
    [...known, '--target', file],
    /s3\.credentials\.accessKeyId: .*LAB_S3_ACCESS_KEY_ID is not set/,
    /s3\.credentials\.secretAccessKey: .*SELFTEST_NOT_SET is not set/,
    /systems\.tempo\.http\.bearerToken: .*SELFTEST_NOT_SET_EITHER is not set/,
  )
})

test('a deviation from a requirement that there is not is refused', async () => {
  const file = target(({ deviations }) => {
    deviations?.push({ requirement: 'tempo-mimir.006.33', reason: 'x', owner: 'x', until: '2999-12-31' })
  })
  const ended = await surroundings.accept([...known, '--target', file], lab().environment).ended
  assert.equal(ended.code, 2, printed(ended))
  assert.match(ended.stderr, /deviations\.\d+\.requirement: .*tempo-mimir\.006\.33.*tempo-mimir\.006\.3\b/)
  assertNothingBegun(ended)
})

test('a target that does not answer is told with its address and the cause before any scenario is run', async () => {
  const [http, otlp] = [await closedPort(), await closedPort()]
  const file = target(({ systems }) => {
    systems.tempo.http = `http://127.0.0.1:${http}`
    systems.tempo.otlpGrpc = `http://127.0.0.1:${otlp}`
  })
  const ended = await surroundings.accept([...known, '--target', file], lab().environment).ended
  assert.equal(ended.code, 3, printed(ended))
  assert.match(ended.stderr, new RegExp(`tempo at http://127\\.0\\.0\\.1:${http}/.*connection refused`))
  assert.match(ended.stderr, new RegExp(`tempo at http://127\\.0\\.0\\.1:${otlp}/.*connection refused`))
  assertNothingBegun(ended, 5_000)
})

const disruptive = ['--requirement', 'suite.tempo.6']

test('a target that names no workload has nothing to disrupt, and a run that decides nothing proves nothing', async () => {
  const file = target(({ systems }) => {
    delete systems.tempo.workload
  })
  const ended = await surroundings.accept([...disruptive, '--target', file], lab().environment).ended
  assert.equal(ended.code, 3, printed(ended))
  const run = readReport(ended)
  const { verdict, message } = resultOf(run, 'suite.tempo.6')
  assert.equal(verdict, 'not applicable')
  assert.match(message ?? '', /names no workload of tempo/)
  assert.equal(run.scenarios.notApplicable, 1)
})

test('a target that does not allow disruption is not disrupted, and says so beside what was decided', async () => {
  const file = target(changed => {
    delete changed.allow
  })
  const ended = await surroundings.accept([...disruptive, ...known, '--target', file], lab().environment).ended
  assert.equal(ended.code, 0, printed(ended))
  const { verdict, message } = resultOf(readReport(ended), 'suite.tempo.6')
  assert.equal(verdict, 'not applicable')
  assert.match(message ?? '', /does not allow disruption in lab/)
  assert.match(ended.stdout, /does not allow disruption in lab.*: suite\.tempo\.6/)
  assert.deepEqual(lab().incidents(), [])
})

/** A port on which nothing listens: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
