import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const bench = (...given: string[]) =>
  execa(process.execPath, [fileURLToPath(new URL('bench.ts', import.meta.url)), ...given], { reject: false })

test('the help tells what is measured', async () => {
  const { exitCode, stdout } = await bench('--help')
  assert.equal(exitCode, 0)
  assert.match(stdout, /dry-run, registry, waits, idle, proxy, accept/)
})

test('an unknown measurement is refused before anything is measured', async () => {
  const { exitCode, stdout, stderr } = await bench('--only', 'wait', '--only', 'dry-run')
  assert.equal(exitCode, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /wait: expected one of waits/)
})
