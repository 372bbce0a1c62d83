import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command, Ended } from './command.ts'
import { printed, readReport, resultOf, verdictsOf } from './run-report.ts'
import { useTestLab } from './test-lab.ts'

/** Five scenarios of four requirements; the two of suite.tempo.1 come one after the other, so in different shards of two. */
const tags = '@suite.tempo.1 or @tempo-mimir.006.1 or @tempo-mimir.006.3 or @tempo-mimir.006.6'

const { surroundings, lab } = useTestLab()

async function shard(part: string): Promise<Ended> {
  return await surroundings.accept(['--target', lab().targetFile, '--tags', tags, '--shard', part], lab().environment)
    .ended
}

/** The reports of a run as they are when it was killed after its first scenario. */
function breakOff({ reports }: Ended): string {
  const [runFile, messagesFile] = [join(reports, 'run.json'), join(reports, 'messages.ndjson')]
  const messages = readFileSync(messagesFile, 'utf8')
  const end = messages.indexOf('\n', messages.indexOf('"testCaseFinished"')) + 1
  writeFileSync(messagesFile, `${messages.slice(0, end)}{"attachm`)
  writeFileSync(runFile, JSON.stringify({ ...JSON.parse(readFileSync(runFile, 'utf8')), exitCode: null }))
  return reports
}

function merge(folders: readonly string[], more: readonly string[] = []): Command {
  const words = ['support/cli/merge.ts', ...folders, '--target', lab().targetFile, '--tags', tags, ...more]
  return surroundings.run(reports => [process.execPath, ...words, '--reports', reports], lab().environment)
}

test('two shards are one report: each requirement once, with all of its scenarios, and Allure knows all', async () => {
  const shards = [await shard('1/2'), await shard('2/2')]
  const parts = shards.map(readReport)
  assert.deepEqual(
    parts.map(run => run.shard),
    [
      { index: 1, total: 2 },
      { index: 2, total: 2 },
    ],
  )
  const ended = await merge(shards.map(({ reports }) => reports)).ended
  assert.equal(ended.code, 0, printed(ended))
  const whole = readReport(ended)
  assert.deepEqual(verdictsOf(whole), {
    'suite.tempo.1': 'satisfied',
    'tempo-mimir.006.1': 'satisfied',
    'lgtm.022.2': 'satisfied',
    'tempo-mimir.006.3': 'violated',
    'tempo-mimir.006.6': 'satisfied',
  })
  const count = (run: (typeof parts)[number]) => run.scenarios.passed + run.scenarios.failed
  assert.equal(
    count(whole),
    parts.reduce((sum, run) => sum + count(run), 0),
  )
  assert.ok(parts.every(run => count(run) < count(whole)))
  assert.equal(resultOf(whole, 'suite.tempo.1').scenarios.length, 2)
  for (const part of parts) assert.equal(resultOf(part, 'suite.tempo.1').scenarios.length, 1)
  const results = readdirSync(join(ended.reports, 'allure-results')).filter(name => name.endsWith('-result.json'))
  assert.equal(results.length, count(whole))
  assert.equal(
    readFileSync(join(ended.reports, 'ledger.ndjson'), 'utf8').trim().split('\n').length,
    whole.requirements.length,
  )

  const again = await merge([ended.reports]).ended
  assert.deepEqual(verdictsOf(readReport(again)), verdictsOf(whole), printed(again))
})

test('a shard that never reported, or that broke off, makes its requirements undetermined, never satisfied', async () => {
  const first = await shard('1/2')
  const ended = await merge([first.reports]).ended
  assert.equal(ended.code, 3, printed(ended))
  const run = readReport(ended)
  const missing = run.requirements.filter(({ verdict }) => verdict === 'undetermined')
  assert.ok(missing.length > 0 && missing.length < run.requirements.length, printed(ended))
  for (const { message, fault } of missing) {
    assert.match(message ?? '', /no run has this scenario; shard 2 of 2 never reported/)
    assert.equal(fault, 'environment')
  }
  assert.match(ended.stderr, /^shard 2 of 2: never reported$/m)
  const results = readdirSync(join(ended.reports, 'allure-results')).filter(name => name.endsWith('-result.json'))
  const { passed, failed, undetermined } = run.scenarios
  assert.equal(results.length, passed + failed + undetermined)

  const broken = breakOff(await shard('2/2'))
  const both = await merge([first.reports, broken]).ended
  assert.equal(both.code, 3, printed(both))
  const left = readReport(both).requirements.filter(({ verdict }) => verdict === 'undetermined')
  assert.ok(left.length > 0, printed(both))
  for (const { message } of left) assert.match(message ?? '', /no run has ended this scenario; shard 2 of 2 broke off/)
})

test('what cannot be merged is told', async () => {
  const nothing = await merge([surroundings.folder]).ended
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /holds no reports of a run/)
  const wrong = await surroundings.accept(['--tags', tags, '--shard', '3/2']).ended
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /--shard 3\/2: expected a part of all, such as 2\/3/)
})
