import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { printed, readReport, resultOf } from './run-report.ts'
import { useTestLab } from './test-lab.ts'

const cucumber = 'node_modules/.bin/cucumber-js'
const escapeCode = '\u001b'

const { surroundings, lab } = useTestLab()

describe('Cucumber by itself', () => {
  const environment = () => ({ ...lab().environment, ACCEPT_TARGET: lab().targetFile })
  const options = ['--tags', '@tempo-mimir.006.1']

  for (const [how, words] of [
    ['by its path', [process.execPath, cucumber, ...options]],
    ['through npx', ['npx', 'cucumber-js', ...options]],
  ] as const) {
    test(`runs a scenario on a running target, prints its verdict and writes run.json, ${how}`, async () => {
      const ended = await surroundings.run(() => [...words], environment()).ended
      assert.equal(ended.code, 0, printed(ended))
      assert.match(ended.stdout, /^satisfied +tempo-mimir\.006\.1 /m)
      const run = readReport(ended)
      assert.equal(run.exitCode, 0)
      assert.equal(resultOf(run, 'tempo-mimir.006.1').verdict, 'satisfied')
      assert.deepEqual(run.scenarios, { passed: 1, failed: 0, notApplicable: 0, undetermined: 0 })
    })
  }

  test('says what it misses where it is given no target', async () => {
    const none = { ACCEPT_TARGET: '' }
    const ended = await surroundings.run(() => [process.execPath, cucumber, ...options], none).ended
    assert.notEqual(ended.code, 0)
    assert.match(ended.stdout + ended.stderr, /ACCEPT_TARGET: names no target file/)
  })
})

describe('colours', () => {
  const options = () => ['--target', lab().targetFile, '--requirement', 'tempo-mimir.006.3', '--deadline-scale', '2']

  test('are nowhere in what goes to no terminal', async () => {
    const ended = await surroundings.accept(options(), lab().environment).ended
    assert.equal(ended.code, 0, printed(ended))
    assert.equal((ended.stdout + ended.stderr).includes(escapeCode), false, printed(ended))
  })

  /** Gives a command a terminal (util-linux; script(1) of other systems takes other arguments). */
  const terminal = 'script'
  const hasTerminal = process.platform === 'linux' && spawnSync(terminal, ['--version']).status === 0
  const skip = hasTerminal ? false : 'there is no script(1) of util-linux'

  /** A run that writes to a terminal. */
  const onTerminal = async (environment: Record<string, string>): Promise<string> => {
    const words = (reports: string) => surroundings.acceptWords(options(), reports).join(' ')
    const ended = await surroundings.run(
      reports => [terminal, '--quiet', '--return', '--command', words(reports), '/dev/null'],
      { ...lab().environment, TERM: 'xterm', ...environment },
    ).ended
    assert.equal(ended.code, 0, printed(ended))
    return ended.stdout
  }

  test('are there on a terminal, unless NO_COLOR is set', { skip }, async () => {
    assert.equal((await onTerminal({})).includes(escapeCode), true)
    const plain = await onTerminal({ NO_COLOR: '1' })
    assert.match(plain, /violated +tempo-mimir\.006\.3/)
    assert.equal(plain.includes(escapeCode), false, plain)
  })
})
