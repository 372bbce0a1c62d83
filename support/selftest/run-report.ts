import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { outcomes } from '../observation.ts'
import type { Ended } from './command.ts'

const fault = z.enum(['product', 'environment', 'harness']).nullable()
const text = z.string().nullable()

const scenario = z.strictObject({
  name: z.string().min(1),
  verdict: z.enum(outcomes),
  fault,
  step: z.string(),
  within: z.enum(['Given', 'When', 'Then']).nullable(),
  request: text,
  message: text,
  first: text,
  last: text,
})

const requirement = z.strictObject({
  id: z.string().min(1),
  verdict: z.enum(outcomes),
  accepted: z.boolean(),
  deadlineMs: z.number().positive().nullable(),
  timeToTrueMs: z.number().nonnegative().nullable(),
  uncertaintyMs: z.number().nonnegative().nullable(),
  attempts: z.int().nonnegative(),
  fault,
  message: z.string().min(1).nullable(),
  proof: z.enum(['proven', 'unproven', 'contradicted', 'stale']).nullable(),
  scenarios: z.array(scenario),
})

/** The documented form of run.json, to the last field. */
const report = z.strictObject({
  schemaVersion: z.literal(1),
  runId: z.string().min(1),
  target: z.string().min(1),
  versions: z.record(z.string(), z.string().min(1)),
  deadlineScale: z.number().positive(),
  scaled: z.boolean(),
  shard: z.strictObject({ index: z.int().positive(), total: z.int().positive() }).optional(),
  startedAt: z.iso.datetime(),
  wallMs: z.number().nonnegative(),
  exitCode: z.int().nullable(),
  scenarios: z.strictObject({
    passed: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    notApplicable: z.int().nonnegative(),
    undetermined: z.int().nonnegative(),
  }),
  requirements: z.array(requirement),
  errors: z.array(z.string()),
})
export type RunReport = z.infer<typeof report>

/** run.json of a run. @throws ZodError where it has not its documented form */
export function readReport({ reports }: Pick<Ended, 'reports'>): RunReport {
  return report.parse(JSON.parse(readFileSync(join(reports, 'run.json'), 'utf8')))
}

/** The verdict on each requirement of a run. */
export function verdictsOf(run: RunReport): Record<string, string> {
  return Object.fromEntries(run.requirements.map(({ id, verdict }) => [id, verdict]))
}

/** What a run found of one requirement. */
export function resultOf(run: RunReport, id: string): RunReport['requirements'][number] {
  return run.requirements.find(one => one.id === id) ?? assert.fail(`the run says nothing of ${id}`)
}

/** Everything that a run printed, for the message of an assertion. */
export function printed({ code, stdout, stderr }: Ended): string {
  return `exit code ${code}\n${stdout}\n${stderr}`
}
