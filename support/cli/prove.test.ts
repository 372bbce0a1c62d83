import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const prove = (...given: string[]) =>
  execa(process.execPath, [fileURLToPath(new URL('prove.ts', import.meta.url)), ...given], { reject: false })

test('the help tells of every option', async () => {
  const { exitCode, stdout } = await prove('--help')
  assert.equal(exitCode, 0)
  for (const option of ['tags', 'requirement', 'fault', 'quick', 'list', 'labs', 'reports']) {
    assert.match(stdout, new RegExp(`--${option}\\b`))
  }
})

for (const [given, said] of [
  [['--fault', 'query-loses-a-spam'], /there is no fault query-loses-a-spam; did you mean query-loses-a-span/],
  [['--requirement', 'tempo-mimir.006.99'], /no scenario proves requirement tempo-mimir\.006\.99; did you mean/],
  [['--tags', '@temp'], /no scenario is tagged @temp; did you mean @tempo/],
  [
    ['--fault', 'retention-too-long', '--requirement', 'tempo-mimir.006.1'],
    /retention-too-long: says nothing of the requirements/,
  ],
  [['--labs', '0'], /--labs 0: expected a number above 0/],
  [['--fautl', 'x'], /did you mean --fault\?/],
] as const) {
  test(`${given.join(' ')} is refused before anything is started`, async () => {
    const { exitCode, stdout, stderr } = await prove(...given)
    assert.equal(exitCode, 2)
    assert.equal(stdout, '')
    assert.match(stderr, said)
  })
}

test('--list tells of each requirement by which faults it would be proven, and of those that cannot be', async () => {
  const { exitCode, stdout } = await prove('--list', '--tags', '@tempo')
  assert.equal(exitCode, 0)
  assert.match(
    stdout,
    /^tempo-mimir\.006\.1 {2}When a recent trace[\s\S]*?^ {4}refuted {4}query-loses-a-span {2}Every answer/m,
  )
  assert.match(stdout, /^ {4}mended {5}unknown-trace-is-explained /m)
  assert.match(stdout, /^not proven, is about a cluster: npm run prove -- --target cluster: .*tempo-mimir\.003\.5/m)
  assert.match(stdout, /^\d+ requirements, \d+ faults would be brought about$/m)
})

test('what is about a cluster is proven in one, and nothing else', async () => {
  const { exitCode, stdout } = await prove('--list', '--target', 'cluster')
  assert.equal(exitCode, 0)
  assert.match(stdout, /^tempo-mimir\.003\.5 {2}.*\n {4}refuted {4}memory-limit-missing /m)
  assert.doesNotMatch(stdout, /query-loses-a-span/)
  const other = await prove('--list', '--target', 'cluster', '--requirement', 'tempo-mimir.006.1')
  assert.equal(other.exitCode, 2)
  assert.match(other.stderr, /proven on a lab of processes, without --target cluster/)
  const file = await prove('--list', '--target', 'home.yaml')
  assert.match(file.stderr, /--target takes cluster only/)
})

test('a fault that is asked for alone brings its own requirements with it', async () => {
  const { stdout } = await prove('--list', '--fault', 'malformed-id-unexplained')
  assert.match(stdout, /^suite\.tempo\.1 /m)
  assert.match(stdout, /^1 requirements, 1 faults would be brought about$/m)
})

test('--quick takes fewer faults, and leaves no requirement out', async () => {
  const [all, quick] = await Promise.all([prove('--list'), prove('--list', '--quick')])
  const counts = (text: string) => /(\d+) requirements, (\d+) faults/.exec(text)?.slice(1).map(Number) ?? []
  const [requirements = 0, faults = 0] = counts(quick.stdout)
  assert.equal(requirements, counts(all.stdout)[0])
  assert.ok(faults < (counts(all.stdout)[1] ?? 0) / 2)
  assert.equal(quick.stdout.match(/^ {4}(refuted|mended) /gm)?.length, requirements)
})
