import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
after(() => rmSync(folder, { recursive: true }))

/** A journal of its own, in which a run that is gone has left a target for Prometheus. */
function sweepWith(discovered: string): { readonly printed: string; readonly isLeft: boolean } {
  const own = mkdtempSync(join(folder, 'run-'))
  const targets = join(own, 'targets')
  mkdirSync(targets)
  const file = join(targets, 'run-1.json')
  writeFileSync(file, '[]')
  const targetFile = join(own, 'target.yaml')
  writeFileSync(
    targetFile,
    `name: home\nsystems: {prometheus: {http: 'http://127.0.0.1:1', discovery: {folder: ${discovered}}}}\n`,
  )
  const script = `
    import { recordChange, pendingChanges } from '${join(import.meta.dirname, 'journal.ts')}'
    import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
    import { journalFolder } from '${join(import.meta.dirname, '../folders.ts')}'
    recordChange('run-1', '${targetFile}', { kind: 'remove-scrape-target', file: '${file}' })
    const journal = journalFolder + '/run-1.ndjson'
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"process":\\{[^}]*\\}/, '"process":{"pid":1,"startTicks":"7"}'))
    const { sweepChanges } = await import('${join(import.meta.dirname, 'sweep.ts')}')
    await sweepChanges(process.env, line => console.log(line))
  `
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: own, XDG_DATA_HOME: own, XDG_CACHE_HOME: own, HOME: own },
  })
  return { printed: `${stdout}${stderr}`, isLeft: existsSync(file) }
}

test('a target that a killed run left for Prometheus is removed', () => {
  const { printed, isLeft } = sweepWith('targets')
  assert.match(printed, /^undone: remove-scrape-target .*run-1\.json, left by run run-1/m)
  assert.equal(isLeft, false)
})

test('what lies in no folder of targets any more is left, and told', () => {
  const { printed, isLeft } = sweepWith('elsewhere')
  assert.match(printed, /could not be undone: .*the target file names another folder of targets now/)
  assert.equal(isLeft, true)
})
