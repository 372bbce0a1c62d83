import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError } from '../errors.ts'
import { cachedProgram, findProgram } from './program.ts'
import type { LabProgress } from './progress.ts'
import { readServerPins } from './servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'program-test-'))
const cache = join(folder, 'cache')
const path = process.env.PATH
const pin = readServerPins().tempo
const never = new AbortController().signal

const script = (file: string, body: string): string => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

/** Puts a `go` of our own on the path: `env`, `mod edit`, `mod download` and `list` answer, `build` does what is asked. */
const withGo = (build: string, version = 'go1.26.8'): void => {
  script(
    join(folder, 'bin', 'go'),
    `case "$1 $2" in
  "env GOVERSION") echo ${version} ;;
  "env GOMODCACHE") echo "${folder}/modules" ;;
  "mod edit") echo '{"Require":[{"Path":"github.com/Some/thing","Version":"v1.0.0"}]}' ;;
  "mod download") mkdir -p "${folder}/modules/cache/download/github.com/!some/thing/@v"; : > "${folder}/modules/cache/download/github.com/!some/thing/@v/v1.0.0.zip" ;;
  "list -deps") printf 'a/one\\tstale\\nb/two\\tnot installed but available in build cache\\nc/three\\tstale\\n${pin.package}\\tstale\\n' ;;
  build*) ${build} ;;
esac`,
  )
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${path}`
}

const find = (events: LabProgress[] = [], environment = {}, signal = never) =>
  findProgram('tempo', { cache, environment, signal, onProgress: event => events.push(event) })

const failure = async (finding: Promise<unknown>): Promise<string> => {
  const error = await finding.then(
    () => assert.fail('a program was found'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof EnvironmentError, String(error))
  return error.message
}

/** The eighth argument is the file to write: `build -v -trimpath -ldflags -gcflags -tags -o FILE PACKAGE`. */
const buildsWell = `echo a/one >&2; echo 'go: downloading something' >&2; echo c/three >&2; echo ${pin.package} >&2; echo program > "$8"; chmod +x "$8"`

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true })
  rmSync(join(folder, 'modules'), { recursive: true, force: true })
  process.env.PATH = path
})
after(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true, force: true })
})

describe('finding a program', () => {
  it('takes the one that the variable names, with the version that it tells', async () => {
    const named = script(join(folder, 'mine'), 'echo "tempo, version 9.9"; echo more')
    assert.deepEqual(await find([], { LAB_TEMPO: named }), { path: named, version: 'tempo, version 9.9' })
  })

  it('refuses a named file that cannot be run', async () => {
    const plain = join(folder, 'plain')
    writeFileSync(plain, 'text')
    assert.match(
      await failure(find([], { LAB_TEMPO: plain })),
      /LAB_TEMPO names .*plain, which is not an executable file/,
    )
    assert.match(await failure(find([], { LAB_TEMPO: folder })), /not an executable file/)
    const mute = script(join(folder, 'mute'), 'exit 3')
    assert.match(await failure(find([], { LAB_TEMPO: mute })), /does not tell its version/)
  })

  it('takes the pinned one from the cache', async () => {
    const cached = script(cachedProgram('tempo', pin.version, cache), 'exit 0')
    assert.deepEqual(await find(), { path: cached, version: pin.version })
  })

  it('builds the pinned one, tells how far it is, and leaves nothing else behind', async () => {
    withGo(buildsWell)
    const events: LabProgress[] = []
    const { path: built } = await find(events)
    assert.equal(built, cachedProgram('tempo', pin.version, cache))
    assert.deepEqual(readdirSync(dirname(built)), ['tempo'])
    assert.deepEqual(
      events.map(({ stage, done, total }) => [stage, done, total]),
      [
        ['fetching', 0, 1],
        ['fetching', 1, 1],
        ['compiling', 0, 2],
        ['compiling', 1, 2],
        ['compiling', 2, 2],
        ['linking', undefined, undefined],
      ],
    )
  })

  it('says how a program can be had where there is no Go', async () => {
    process.env.PATH = join(folder, 'empty')
    assert.match(
      await failure(find()),
      /tempo must be built first, but there is no Go on the path\. Install Go 1\.26 or newer .* or set LAB_TEMPO/,
    )
  })

  it('names a Go that is too old', async () => {
    withGo(buildsWell, 'go1.19.2')
    assert.match(await failure(find()), /the Go on the path is too old: go1\.19\.2\. Install Go 1\.26 or newer/)
    withGo('echo "go: go.mod requires go >= 1.26 (running go 1.24.1; GOTOOLCHAIN=local)" >&2; exit 1')
    assert.match(await failure(find()), /too old: 1\.24\.1\. Install Go 1\.26 or newer/)
  })

  it('tells the end of what a failing build said', async () => {
    withGo('for i in $(seq 40); do echo "line $i" >&2; done; exit 1')
    const message = await failure(find())
    assert.match(message, /tempo could not be built: go build .* ended with exit code 1\n {2}line 21\n/)
    assert.match(message, /line 40$/)
    assert.equal(existsSync(cachedProgram('tempo', pin.version, cache)), false)
  })

  it('names a full disk', async () => {
    withGo('echo "write /x/y: no space left on device" >&2; exit 1')
    assert.match(await failure(find()), /the disk was full while tempo was built/)
  })

  it('ends the whole build when it is interrupted', { timeout: 10_000 }, async () => {
    const mark = join(folder, 'pid')
    withGo(`sleep 30 & echo $! > ${mark}.new; mv ${mark}.new ${mark}; wait`)
    const interruption = new AbortController()
    const finding = find([], {}, interruption.signal)
    while (!existsSync(mark)) await pause(10)
    interruption.abort(new Error('enough'))
    await assert.rejects(finding, /enough/)
    const { readFileSync } = await import('node:fs')
    const compiler = Number(readFileSync(mark, 'utf8'))
    const { isEnded } = await import('./testing/processes.ts')
    assert.ok(await isEnded(compiler), `the process ${compiler} that the build had started still runs`)
    assert.deepEqual(readdirSync(dirname(cachedProgram('tempo', pin.version, cache))), [])
  })
})
