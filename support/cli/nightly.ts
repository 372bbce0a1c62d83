import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { formatDuration, parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { loadScenarios } from '../gherkin/features.ts'
import { selectScenarios } from '../gherkin/selection.ts'
import { hasEnded } from '../report/run-file.ts'
import { newRunId } from '../run-environment.ts'
import { describeShard, parseShard } from '../shard.ts'
import { isDisruptive } from '../tags.ts'
import { exitCodes, nearestWords, positiveCount, runCommand } from './command.ts'
import { mergeReports } from './merging.ts'
import { ownSignals } from './signals.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

const help = `A run that nobody watches: by one process, or by several of which each runs a shard, such as the pods of an Indexed Job.

  npm run nightly -- --target home.yaml --tags @tempo --results /results
  npm run nightly -- --target home.yaml --tags @tempo --results /results --name monday --shards 3 --shard 2

  --target FILE       the systems to test
  --tags EXPRESSION   which scenarios; default: all
  --results FOLDER    which all processes share; runs/NAME keeps what each of them found, reports is the latest report with
                      the history of all
  --name NAME         of this night, the same for all processes; default: the time
  --shards COUNT      processes; default 1
  --shard INDEX       which one this is, from 1 on; default: JOB_COMPLETION_INDEX + 1, as Kubernetes tells a pod, else 1
  --parallel COUNT    scenarios at a time in each process; default 8
  --wait DURATION     how long the first waits for the others when it has ended its own; default "30 minutes"
  --keep COUNT        nights that are kept in runs; default 30
  --help              this text

The first process waits for the others, then runs what disrupts systems, alone, and makes one report of all. Requirements of a
shard that never reported are undetermined. The others end with 0 when they have reported, whatever they found.
Exit codes of the first: those of npm run accept, for the whole.`

const options = {
  target: { type: 'string' },
  tags: { type: 'string', short: 't' },
  results: { type: 'string' },
  name: { type: 'string' },
  shards: { type: 'string', default: '1' },
  shard: { type: 'string' },
  parallel: { type: 'string', default: '8' },
  wait: { type: 'string', default: '30 minutes' },
  keep: { type: 'string', default: '30' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const lookMs = 1_000
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

await runCommand({ options, help }, async asked => {
  if (asked.target === undefined) throw new UsageError('--target FILE is missing')
  if (asked.results === undefined) throw new UsageError('--results FOLDER is missing')
  const total = positiveCount('--shards', asked.shards)
  const index = asked.shard ?? Number(process.env.JOB_COMPLETION_INDEX ?? 0) + 1
  const shard = parseShard(`${index}/${total}`)
  const parallel = positiveCount('--parallel', asked.parallel)
  const waitMs = waitOf(asked.wait)
  const kept = positiveCount('--keep', asked.keep)
  const { tags } = asked
  const selected = selectScenarios(loadScenarios(project), { tags, requirements: [] }, nearestWords)
  const isToDisrupt = selected.some(each => isDisruptive(each.tags))
  const isToLook = selected.some(each => !isDisruptive(each.tags))
  const results = resolve(asked.results)
  const night = join(results, 'runs', asked.name ?? newRunId())
  const shardFolder = (each: number) => join(night, `shard-${each}`)
  const alone = join(night, 'disruptive')
  const target = resolve(asked.target)
  using signals = ownSignals()
  const { signal } = signals
  const accept = async (which: string, reports: string, more: readonly string[] = []) => {
    const expression = tags === undefined ? which : `(${tags}) and ${which}`
    const settings = ['--target', target, '--parallel', String(parallel), '--reports', reports]
    const words = [...settings, '--tags', expression, ...more]
    return await runSuite(['support/cli/accept.ts', ...words], signal)
  }
  try {
    if (isToLook) {
      rmSync(shardFolder(shard.index), { recursive: true, force: true })
      const code = await accept('not @disruptive', shardFolder(shard.index), ['--shard', `${shard.index}/${total}`])
      signal.throwIfAborted()
      if (shard.index > 1) return hasEnded(shardFolder(shard.index)) ? exitCodes.satisfied : code
    } else if (shard.index > 1) return exitCodes.satisfied
    const others = Array.from({ length: isToLook ? total - 1 : 0 }, (_, other) => other + 2)
    const silent = await waitFor(others, each => hasEnded(shardFolder(each)), { waitMs, signal })
    for (const each of silent) {
      const name = describeShard({ index: each, total })
      tell(`${name} has not reported within ${formatDuration(waitMs)}; the report is made without it`)
    }
    rmSync(alone, { recursive: true, force: true })
    if (isToDisrupt) await accept('@disruptive', alone)
    signal.throwIfAborted()
    const folders = [1, ...others].map(shardFolder)
    const reported = [...folders, alone].filter(folder => existsSync(join(folder, 'run.json')))
    const reports = join(results, 'reports')
    const order = { target, tags, profile: undefined, shards: isToLook ? total : 0, reports }
    const code = await mergeReports(reported, order)
    await runSuite(['support/cli/report.ts', '--reports', reports], signal)
    keepNight(reports, night)
    prune(join(results, 'runs'), kept)
    return code
  } catch (error) {
    if (!signal.aborted) throw error
    tell('interrupted; everything that was started has been ended')
    return exitCodes.interrupted
  }
})

function waitOf(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new UsageError(`--wait ${text}: expected a duration such as "30 minutes"`, [], { cause: error })
  }
}

/** Waits until each of these shards has reported, or for so long at most; those that have not. */
async function waitFor(
  shards: readonly number[],
  hasReported: (shard: number) => boolean,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<number[]> {
  const begunAt = performance.now()
  let silent = shards.filter(shard => !hasReported(shard))
  if (silent.length > 0) tell(`waiting for shards ${silent.join(', ')}`)
  while (silent.length > 0 && performance.now() - begunAt < waitMs) {
    await pause(lookMs, undefined, { signal })
    silent = shards.filter(shard => !hasReported(shard))
  }
  return silent
}

/** Runs a command of the suite, in a group of its own: what ends this process is handed on once. */
async function runSuite(command: readonly string[], signal: AbortSignal): Promise<number> {
  const words = ['--disable-warning=ExperimentalWarning', ...command]
  const child = spawn(process.execPath, words, { cwd: project, stdio: 'inherit', detached: true })
  const end = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', end, { once: true })
  try {
    return await new Promise<number>((fulfil, reject) => {
      child.once('error', reject)
      child.once('close', code => fulfil(code ?? exitCodes.undetermined))
    })
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** The latest report is written over the next night; what a person reads of this one stays with it. */
function keepNight(reports: string, night: string): void {
  mkdirSync(night, { recursive: true })
  for (const name of ['run.json', 'allure/index.html']) {
    const file = join(reports, name)
    if (existsSync(file)) cpSync(file, join(night, 'report', name))
  }
}

/** Removes the oldest nights; their names need not tell their age. */
function prune(runs: string, kept: number): void {
  const byAge = readdirSync(runs)
    .map(name => ({ name, changedMs: statSync(join(runs, name)).mtimeMs }))
    .sort((left, right) => right.changedMs - left.changedMs)
  for (const { name } of byAge.slice(kept)) rmSync(join(runs, name), { recursive: true, force: true })
}
