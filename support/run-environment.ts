import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { UsageError } from './errors.ts'
import { parseShard, type Shard } from './shard.ts'

/** What a run is told from outside Cucumber; `accept` sets it, and a bare Cucumber may be given it by hand. */
export interface RunEnvironment {
  readonly targetFile: string
  readonly runId: string
  /** Multiplies every deadline; anything but 1 is no statement of conformance. */
  readonly deadlineScale: number
  /** Versions of the systems, as they were found before the run. */
  readonly versions: Readonly<Record<string, string>>
  /** Where the run writes. */
  readonly reportsDirectory: string
  /** The part of the scenarios that it runs; undefined: all. */
  readonly shard?: Shard
  /** Gives waits times of their own (`deadlines.ts`); such a run is no statement of conformance either. */
  readonly deadlinesFile?: string
  /** Where waits that came true are written down. */
  readonly waitsFile?: string
}

const given = <S extends z.ZodType>(schema: S) =>
  z.preprocess(text => (text === '' ? undefined : text), schema.optional())

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON such as {"tempo": "2.7.2"}' })
    return z.NEVER
  }
})

const missing = 'names no target file; npm run accept sets it'

const schema = z.object({
  ACCEPT_TARGET: z.string(missing).min(1, missing),
  ACCEPT_RUN_ID: given(z.string().regex(/^[A-Za-z0-9-]{1,40}$/, 'expected at most 40 letters, digits and dashes')),
  ACCEPT_DEADLINE_SCALE: given(z.coerce.number('expected a number').positive('expected a number above 0')),
  ACCEPT_VERSIONS: given(json.pipe(z.record(z.string(), z.string(), 'expected JSON such as {"tempo": "2.7.2"}'))),
  ACCEPT_REPORTS: given(z.string()),
  ACCEPT_SHARD: given(z.string()),
  ACCEPT_DEADLINES: given(z.string()),
  ACCEPT_WAITS: given(z.string()),
})

/**
 * Reads what the run was told through `ACCEPT_*`, with a new run id where none was given.
 * @throws UsageError that lists every variable that is wrong
 */
export function readRunEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  now = new Date(),
): RunEnvironment {
  const result = schema.safeParse(environment)
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`)
    throw new UsageError('The environment of the run cannot be used:', faults)
  }
  const { ACCEPT_TARGET, ACCEPT_RUN_ID, ACCEPT_DEADLINE_SCALE, ACCEPT_VERSIONS, ACCEPT_REPORTS } = result.data
  const { ACCEPT_DEADLINES, ACCEPT_WAITS, ACCEPT_SHARD } = result.data
  return {
    targetFile: ACCEPT_TARGET,
    runId: ACCEPT_RUN_ID ?? newRunId(now),
    deadlineScale: ACCEPT_DEADLINE_SCALE ?? 1,
    versions: ACCEPT_VERSIONS ?? {},
    reportsDirectory: ACCEPT_REPORTS ?? 'reports',
    ...(ACCEPT_SHARD === undefined ? {} : { shard: parseShard(ACCEPT_SHARD) }),
    ...(ACCEPT_DEADLINES === undefined ? {} : { deadlinesFile: ACCEPT_DEADLINES }),
    ...(ACCEPT_WAITS === undefined ? {} : { waitsFile: ACCEPT_WAITS }),
  }
}

/** Sorts by time and differs between runs of the same second: `20261121-024512-3f9a` (UTC). */
export function newRunId(now = new Date()): string {
  const [day = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split(/[T.]/)
  return `${day}-${time}-${randomBytes(2).toString('hex')}`
}
