import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { EnvironmentError } from '../errors.ts'
import { outcomes } from '../observation.ts'
import { runExitCodes } from '../requirements/verdict.ts'
import { redact } from '../secret.ts'
import type { RequirementResult, RunResult } from './result.ts'

const schemaVersion = 1
const runFile = 'run.json'
const ledgerFile = 'ledger.ndjson'

/** Writes run.json at once or not at all, so that whoever reads it never sees half of it. */
export function writeRun(directory: string, run: RunResult): string {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, runFile)
  const beside = `${file}.${process.pid}.tmp`
  const { runId, target, versions, deadlineScale, scaled, shard, startedAt, wallMs, exitCode, scenarios, errors } = run
  const requirements = run.requirements.map(result => {
    const { id, verdict, accepted, deadlineMs, timeToTrueMs, uncertaintyMs, attempts, fault, proof, scenarios } = result
    const decided = { id, verdict, accepted, deadlineMs, timeToTrueMs, uncertaintyMs, attempts, fault }
    return { ...decided, message: inFull(result), proof, scenarios }
  })
  const head = { schemaVersion, runId, target, versions, deadlineScale, scaled, shard, startedAt, wallMs, exitCode }
  writeFileSync(beside, `${toJson({ ...head, scenarios, requirements, errors }, 2)}\n`)
  renameSync(beside, file)
  return file
}

/** What was not so, and what the last answer was instead. */
function inFull({ message, last }: RequirementResult): string | null {
  if (message === null || last === undefined || message.includes(last)) return message
  return `${message}\nlast: ${last}`
}

/** Adds one line for each requirement of a run to the history of all runs. */
export function appendLedger(directory: string, run: RunResult): string {
  const file = join(directory, ledgerFile)
  const { runId, startedAt, target, deadlineScale, scaled, versions } = run
  const lines = run.requirements.map(result => {
    const { id, revision, verdict, accepted, timeToTrueMs, deadlineMs } = result
    const decided = { id, revision, verdict, accepted, timeToTrueMs, deadlineMs, message: inFull(result) }
    return `${toJson({ runId, startedAt, target, ...decided, deadlineScale, scaled, versions })}\n`
  })
  mkdirSync(directory, { recursive: true })
  appendFileSync(file, lines.join(''))
  return file
}

/** The exit code of that run as it was written; 3 where it never ended, or where the file tells of another run. */
export function readExitCode(directory: string, runId: string): number {
  try {
    const run = JSON.parse(readFileSync(join(directory, runFile), 'utf8')) as { runId?: unknown; exitCode?: unknown }
    return run.runId === runId && typeof run.exitCode === 'number' ? run.exitCode : runExitCodes.undetermined
  } catch {
    return runExitCodes.undetermined
  }
}

const text = z.string().nullable()

/** What is read of run.json again. */
const readSchema = z.object({
  runId: z.string(),
  target: z.string(),
  versions: z.record(z.string(), z.string()),
  deadlineScale: z.number(),
  scaled: z.boolean(),
  shard: z.object({ index: z.int(), total: z.int() }).optional(),
  startedAt: z.string(),
  exitCode: z.int().nullable(),
  requirements: z.array(
    z.object({
      id: z.string(),
      verdict: z.enum(outcomes),
      accepted: z.boolean(),
      message: text,
      scenarios: z.array(
        z.object({
          name: z.string(),
          verdict: z.enum(outcomes),
          fault: z.enum(['product', 'environment', 'harness']).nullable(),
          within: z.enum(['Given', 'When', 'Then']).nullable(),
          message: text,
          first: text,
          last: text,
        }),
      ),
    }),
  ),
  errors: z.array(z.string()),
})
export type ReadRun = z.output<typeof readSchema>

/** What stands in a run.json, whether that run has ended or not. @throws EnvironmentError where there is none */
export function readAnyRun(directory: string): ReadRun {
  try {
    return readSchema.parse(JSON.parse(readFileSync(join(directory, runFile), 'utf8')))
  } catch (error) {
    throw new EnvironmentError('its run.json cannot be read', { cause: error })
  }
}

/** Whether the run that wrote its reports there has ended, and not been killed. */
export function hasEnded(directory: string): boolean {
  try {
    return readAnyRun(directory).exitCode !== null
  } catch {
    return false
  }
}

/** What a run found. @throws EnvironmentError where it never ended, or where the file tells of another run */
export function readRun(directory: string, runId: string): ReadRun {
  const run = readAnyRun(directory)
  if (run.runId !== runId) throw new EnvironmentError('its run.json tells of another run')
  if (run.exitCode === null) throw new EnvironmentError('the run has not ended')
  return run
}

/** Each text is redacted before it is escaped: a secret with a quotation mark in it would not be found afterwards. */
function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'string' ? redact(each) : each), indent)
}
