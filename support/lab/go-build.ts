import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describeError, EnvironmentError } from '../errors.ts'
import { identifyProcess } from '../process-identity.ts'
import { GoFailure, runGo } from './go-command.ts'
import { countMissing, moduleArchives } from './modules.ts'
import type { OnProgress } from './progress.ts'
import { labFixtures, programVariable, type ServerName, type ServerPin } from './servers.ts'

const workPrefix = '.build-'
/** Optimized, without debug information: what the linker strips anyway takes the compilers a tenth of their time. */
const buildFlags = ['-trimpath', '-ldflags=-s -w', '-gcflags=all=-dwarf=false']
/** GOGC of compilers and linkers, 100 by default: with more memory they collect more seldom, and take a tenth less time. */
const buildGogc = '400'

export interface GoBuild {
  readonly name: ServerName
  readonly pin: ServerPin
  /** Where the program shall be; it appears there whole or not at all. */
  readonly program: string
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
}

/**
 * Builds a server's program with Go. Two runs that build the same program at once work in folders of their own; the
 * one that ends last replaces an equal file.
 * @throws EnvironmentError where Go is missing or too old, the build fails or the disk is full
 */
export async function buildProgram(build: GoBuild): Promise<void> {
  const folder = dirname(build.program)
  let work: string | undefined
  try {
    await mkdir(folder, { recursive: true })
    removeAbandoned(folder)
    work = mkdtempSync(join(folder, `${workPrefix}${process.pid}-`))
    for (const file of readdirSync(modulesOf(build))) copyFileSync(join(modulesOf(build), file), join(work, file))
    await requireGo(work, build.signal)
    const started = performance.now()
    const elapsedMs = (): number => performance.now() - started
    await fetchModules(build, work, elapsedMs)
    renameSync(await compile(build, work, elapsedMs), build.program)
  } catch (error) {
    build.signal.throwIfAborted()
    throw explain(build, error)
  } finally {
    if (work !== undefined) rmSync(work, { recursive: true, force: true })
  }
}

async function fetchModules(build: GoBuild, directory: string, elapsedMs: () => number): Promise<void> {
  const archives = await moduleArchives(directory, build.signal)
  const total = countMissing(archives)
  if (total === 0) return
  const report = (): void => {
    build.onProgress({
      server: build.name,
      stage: 'fetching',
      done: total - countMissing(archives),
      total,
      elapsedMs: elapsedMs(),
    })
  }
  report()
  const timer = setInterval(report, 500)
  try {
    await runGo({ arguments: ['mod', 'download'], directory, signal: build.signal })
  } finally {
    clearInterval(timer)
  }
  report()
}

async function compile(build: GoBuild, directory: string, elapsedMs: () => number): Promise<string> {
  const program = join(directory, build.name)
  const flags = [...buildFlags, `-tags=${build.pin.tags.join(',')}`]
  const report = (stage: 'compiling' | 'linking', done?: number, total?: number): void => {
    const count = done === undefined || total === undefined ? {} : { done, total }
    build.onProgress({ server: build.name, stage, ...count, elapsedMs: elapsedMs() })
  }
  const total = await countStale(build, directory, flags)
  let done = 0
  if (total === 0) report('linking')
  else report('compiling', done, total)
  // `go build -v` names a package when it begins with it; the program's own comes last, and then there is the linking.
  const onLine = (line: string): void => {
    if (line === build.pin.package) report('linking')
    else if (/^[\w.\-/~]+$/.test(line)) report('compiling', Math.min(++done, total), total)
  }
  const buildArguments = ['build', '-v', ...flags, '-o', program, build.pin.package]
  const environment = { GOGC: process.env.GOGC ?? buildGogc }
  await runGo({ arguments: buildArguments, directory, signal: build.signal, environment, onLine })
  return program
}

/** How many packages are not in Go's build cache, and so will be compiled; the program's own, which is linked, is not counted. */
async function countStale(build: GoBuild, directory: string, flags: readonly string[]): Promise<number> {
  const format = '{{if .Stale}}{{.ImportPath}}\t{{.StaleReason}}{{end}}'
  const listed = await runGo({
    arguments: ['list', '-deps', ...flags, '-f', format, build.pin.package],
    directory,
    signal: build.signal,
  })
  return listed
    .split('\n')
    .filter(
      line => line !== '' && !line.startsWith(`${build.pin.package}\t`) && !line.includes('available in build cache'),
    ).length
}

async function requireGo(directory: string, signal: AbortSignal): Promise<void> {
  // Outside any rule of go.mod, which an old Go may not even be able to read.
  const version = (
    await runGo({ arguments: ['env', 'GOVERSION'], directory, signal, environment: { GOTOOLCHAIN: 'local' } })
  ).trim()
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? []
  // Go 1.21 and later fetch the toolchain that go.mod asks for, unless they are told not to.
  if (major === '1' && Number(minor) < 21) throw new EnvironmentError(`the Go on the path is too old: ${version}`)
}

/** The folder of its go.mod and go.sum, with a main package where it has one of its own. */
function modulesOf({ name, pin }: GoBuild): string {
  return join(labFixtures, 'modules', pin.modules ?? name)
}

/** The oldest Go that the server's go.mod allows. */
function goVersion(build: GoBuild): string {
  return /^go (\S+)$/m.exec(readFileSync(join(modulesOf(build), 'go.mod'), 'utf8'))?.[1] ?? ''
}

/** The folders of builds that were killed. */
function removeAbandoned(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const owner = entry.startsWith(workPrefix) ? Number.parseInt(entry.slice(workPrefix.length), 10) : Number.NaN
    if (Number.isInteger(owner) && identifyProcess(owner) === undefined) {
      rmSync(join(folder, entry), { recursive: true, force: true })
    }
  }
}

function explain(build: GoBuild, error: unknown): EnvironmentError {
  const remedy = `Install Go ${goVersion(build)} or newer (https://go.dev/dl), or set ${programVariable(build.name)} to the path of a ${build.name} program.`
  if (error instanceof EnvironmentError) {
    return new EnvironmentError(`${build.name} must be built first, but ${error.message}. ${remedy}`, {
      cause: error.cause ?? error,
    })
  }
  const output = error instanceof GoFailure ? error.output : describeError(error)
  if (/no space left on device|ENOSPC/.test(output)) {
    return new EnvironmentError(
      `the disk was full while ${build.name} was built in ${dirname(build.program)} (or in Go's caches)`,
      { cause: error },
    )
  }
  const tooOld = /requires go >= ([\d.]+) \(running go ([\d.]+)/.exec(output)
  if (tooOld !== null) {
    return new EnvironmentError(
      `${build.name} must be built first, but the Go on the path is too old: ${tooOld[2]}. ${remedy}`,
      { cause: error },
    )
  }
  const end = output
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-20)
    .join('\n  ')
  return new EnvironmentError(`${build.name} could not be built: ${describeError(error)}\n  ${end}`, { cause: error })
}
