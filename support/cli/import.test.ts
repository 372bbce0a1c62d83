import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'import-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const script = join(import.meta.dirname, 'import.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

test('a document becomes a folder that is not replaced unasked', () => {
  writeFileSync(
    join(folder, 'tasks.md'),
    '# Traces\n## TASK-001: Tempo\n- WHEN a trace is sent, Tempo SHALL have it within 5 s\n- [ ] Something holds\n## All\n- It SHALL be\n',
  )
  const dry = run('tasks.md', '--out', 'made/tasks', '--dry-run')
  assert.deepEqual([dry.code, readdirSync(folder)], [0, ['tasks.md']])
  assert.match(dry.out, /^would be written: made\/tasks$/m)

  const made = run('tasks.md', '--out', 'made/tasks')
  assert.equal(made.code, 0, made.err)
  assert.match(made.out, /^tasks\.md:6: not read: It SHALL be\n {2}it names no system/m)
  assert.match(made.out, /^2 requirements \(1 from sentences, 1 from criteria\) in 1 files: 2 runtime, 0 cluster/m)
  assert.match(
    readFileSync(join(folder, 'made/tasks/001.yaml'), 'utf8'),
    /^ {2}- id: tasks\.001\.1\n.*\n.*\n.*\n.*\n {4}within: 5 s$/m,
  )

  const again = run('tasks.md', '--out', 'made/tasks')
  assert.deepEqual([again.code, again.err.includes('made/tasks is there already; --force replaces')], [2, true])
  writeFileSync(join(folder, 'made/tasks/002.yaml'), 'old')
  assert.equal(run('tasks.md', '--out', 'made/tasks', '--force').code, 0)
  assert.deepEqual(readdirSync(join(folder, 'made/tasks')), ['001.yaml'])
})

test('everything that is wrong is told at once, and nothing is written', () => {
  writeFileSync(join(folder, 'twice.md'), '- DoD-001-01: Tempo SHALL start\n- DoD-001-01: Tempo SHALL stop\n')
  const twice = run('twice.md', '--prefix', 'a b', '--system', 'tmpo', '--out', 'none')
  assert.equal(twice.code, 2)
  assert.match(twice.err, /^ {2}- --prefix a b: expected letters, digits and dashes/m)
  assert.match(twice.err, /^ {2}- --system tmpo: stands not in systems\.yaml; did you mean tempo\b/m)
  assert.match(twice.err, /^ {2}- twice\.md:2: DoD-001-01 stands at line 1 already$/m)

  writeFileSync(join(folder, 'prose.md'), '# Nothing\nWe shall see.\n')
  const prose = run('prose.md', '--out', 'none')
  assert.deepEqual([prose.code, prose.err.includes('has neither a sentence with SHALL nor a checkbox')], [2, true])
  assert.match(prose.err, /^ {2}- prose\.md:2: We shall see\.: it is no EARS sentence/m)

  const missing = run('missing.md', 'second.md', '--out', 'none')
  assert.equal(missing.code, 2)
  assert.match(missing.err, /expected one document, got 2/)
  assert.match(missing.err, /missing\.md cannot be read: ENOENT/)
  assert.deepEqual(readdirSync(folder).includes('none'), false)
})
