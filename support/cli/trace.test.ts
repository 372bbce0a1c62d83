import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { execa } from 'execa'

const reports = mkdtempSync(join(tmpdir(), 'trace-'))
after(() => rmSync(reports, { recursive: true }))

const trace = (...given: string[]) =>
  execa(process.execPath, ['support/cli/trace.ts', '--reports', reports, ...given], {
    cwd: join(import.meta.dirname, '../..'),
    reject: false,
  })

test('everything fits, and the tables are printed', async () => {
  const { exitCode, stdout, stderr } = await trace()
  assert.equal(exitCode, 0, stderr)
  assert.match(stdout, /^document +requirements .*\n[\s\S]*^all +\d+ /m)
  assert.match(stdout, /^later, because it +requirements +of all$/m)
  assert.match(stdout, /no scenario is outdated/)
})

test('as JSON every requirement is told with its scenarios and its last verdict; a line that broke off is named', async () => {
  writeFileSync(join(reports, 'ledger.ndjson'), '{"run')
  const { exitCode, stdout, stderr } = await trace('--json')
  assert.equal(exitCode, 0)
  assert.match(stderr, /ledger\.ndjson:1 cannot be read/)
  const { requirements } = JSON.parse(stdout) as { requirements: { id: string; coverage: string; last: unknown }[] }
  const one = requirements.find(({ id }) => id === 'tempo-mimir.005.2')
  assert.deepEqual([one?.coverage, one?.last], ['scenario', null])
})

test('whoever signs off what has no Rule is told, with what is like it', async () => {
  const { exitCode, stderr } = await trace('--looked-at', 'tempo-mimir.005.22')
  assert.equal(exitCode, 2)
  assert.match(stderr, /tempo-mimir\.005\.22 has no Rule; like it are tempo-mimir\.005\.2/)
})
