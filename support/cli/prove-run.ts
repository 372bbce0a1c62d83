import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { describeError } from '../errors.ts'
import { defectsFolder } from '../faults/check.ts'
import type { Fault } from '../faults/fault.ts'
import type { Lab } from '../lab/lab.ts'
import type { SeenRequirement } from '../proofs/judge.ts'
import { project } from '../proofs/scenario-texts.ts'
import { readRun } from '../report/run-file.ts'
import { newRunId } from '../run-environment.ts'

const cucumber = 'node_modules/@cucumber/cucumber/bin/cucumber.js'
const mostAtATime = 4
/** A worker that loads all steps costs as much as it gains where it has fewer scenarios than this. */
const scenariosOfAWorker = 2
/** Enough of what a run printed to tell why it came to nothing. */
const keptOutput = 2_000

/** A run of the scenarios of some requirements. */
export interface RunOrder {
  readonly lab: Pick<Lab, 'targetFile' | 'environment' | 'versions'>
  readonly requirements: readonly string[]
  /** How many scenarios these have. */
  readonly scenarios: number
  /** How many of them run side by side; where nothing is said, as many as is worth it, at most four. */
  readonly parallel?: number
  /** By key, how long waits last; others as long as ever. */
  readonly lengths?: Readonly<Record<string, number>>
  /** Where waits that came true are written down. */
  readonly waitsFile?: string
  /** What is wrong outside the lab. */
  readonly fault?: Pick<Fault, 'target' | 'defect'>
  /** A new folder for what it writes. */
  readonly folder: string
  /** After so many milliseconds it is ended, and has failed. */
  readonly limitMs: number
  /** Ends it before its time, when nobody needs what it finds any more. */
  readonly until?: AbortSignal
  readonly signal: AbortSignal
}

export interface RunEnded {
  readonly runId: string
  readonly requirements: readonly SeenRequirement[]
  readonly tookMs: number
  /** Why it says nothing, where it does not. */
  readonly failure?: string
}

/**
 * Runs scenarios in a process of its own: bare Cucumber, without the look at the target that `accept` begins with, since a
 * fault may be something that it would refuse. Does not throw where the run comes to nothing.
 * @throws the signal's reason where that ended it
 */
export async function runOnLab(order: RunOrder): Promise<RunEnded> {
  const { folder, signal, limitMs, fault, until } = order
  signal.throwIfAborted()
  mkdirSync(folder, { recursive: true })
  const runId = newRunId()
  const tags = order.requirements.map(id => `@${id}`).join(' or ')
  const loaded = fault?.defect === undefined ? [] : ['--import', join(defectsFolder, fault.defect)]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [cucumber, '--profile', 'proof', '--tags', tags, ...loaded], {
    cwd: project,
    env: environmentOf(order, runId),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { output, overrun } = await ended(
    child,
    limitMs,
    until === undefined ? signal : AbortSignal.any([signal, until]),
  )
  signal.throwIfAborted()
  const tookMs = performance.now() - startedAt
  try {
    const { requirements, errors } = readRun(folder, runId)
    const [error] = errors
    return { runId, requirements, tookMs, ...(error !== undefined && { failure: error }) }
  } catch (error) {
    const why = overrun ? `the run was ended after ${Math.round(limitMs / 1_000)} s` : describeError(error)
    return { runId, requirements: [], tookMs, failure: [why, ...lastLine(output)].join(': ') }
  }
}

function environmentOf(
  { lab, folder, lengths, waitsFile, fault, scenarios, parallel }: RunOrder,
  runId: string,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ACCEPT_|FORCE_COLOR$)/.test(name))
  return {
    ...Object.fromEntries(inherited),
    ...lab.environment,
    ACCEPT_TARGET: targetFile(lab.targetFile, fault?.target ?? {}, folder),
    ACCEPT_RUN_ID: runId,
    ACCEPT_REPORTS: folder,
    ACCEPT_VERSIONS: JSON.stringify(lab.versions),
    ACCEPT_PARALLEL: String(workersFor(scenarios, parallel)),
    ...(lengths === undefined ? {} : { ACCEPT_DEADLINES: written(folder, 'deadlines.json', JSON.stringify(lengths)) }),
    ...(waitsFile === undefined ? {} : { ACCEPT_WAITS: waitsFile }),
    NODE_NO_WARNINGS: '1',
  }
}

/** Zero: they run in the process itself, one after the other. */
function workersFor(scenarios: number, parallel?: number): number {
  const workers = parallel ?? Math.min(mostAtATime, Math.ceil(scenarios / scenariosOfAWorker))
  return workers === 1 || scenarios === 1 ? 0 : Math.min(workers, scenarios)
}

/** The lab's own file, or one that says something else in some places. */
function targetFile(file: string, changes: Fault['target'], folder: string): string {
  if (Object.keys(changes).length === 0) return file
  const target = parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  for (const [path, value] of Object.entries(changes)) setAt(target, path.split('.'), value)
  return written(folder, 'target.yaml', stringify(target))
}

function setAt(inside: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    inside[key] = value
    return
  }
  const next = inside[key]
  const inner = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {}
  inside[key] = inner
  setAt(inner, rest, value)
}

function written(folder: string, name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** Waits for its end, and brings it about where it takes too long or is not wanted any more. */
async function ended(
  child: ChildProcess,
  limitMs: number,
  signal: AbortSignal,
): Promise<{ output: string; overrun: boolean }> {
  let output = ''
  let overrun = false
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptOutput)
    })
  }
  const kill = () => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    overrun = true
    kill()
  }, limitMs)
  signal.addEventListener('abort', kill, { once: true })
  process.once('exit', kill)
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', () => resolve())
    })
    return { output, overrun }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
    process.removeListener('exit', kill)
  }
}

function lastLine(output: string): string[] {
  const lines = output.trim().split('\n')
  return lines.at(-1)?.trim() ? [lines.slice(-3).join(' ').trim()] : []
}
