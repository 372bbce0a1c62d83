import { isDefect } from './errors.ts'
import type { NotSeen } from './eventually.ts'
import type { Run } from './run.ts'
import { redact } from './secret.ts'
import type { SystemName } from './system-names.ts'
import { workloadOf } from './systems.ts'
import { clocksApart } from './target/clocks.ts'
import { silentOthers } from './target/reachability.ts'

/** The look at the surroundings delays the report of a failure by no more than this. */
const longestLookMs = 2_500
const longestQuote = 300

/** Go's text for ENOSPC, and MinIO's error code and message for a drive below its minimum of free space (cmd/api-errors.go). */
const diskFull = /no space left on device|XMinioStorageFull|reached its minimum free drive threshold/i

/**
 * What is wrong around a system that has not shown what was awaited, so that nothing can be said of its promise: other
 * parts of the target that are silent too, clocks that are apart, a full disk. Empty where nothing is.
 */
export async function troublesAround(
  run: Run,
  system: SystemName | undefined,
  begunAt: Date,
  missed: NotSeen,
): Promise<string[]> {
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(longestLookMs)])
  const [silent, apart, full] = await Promise.all([
    missed.unanswered ? silentOthers(run.target, system, signal) : [],
    clocksApart(run.target, signal),
    system === undefined ? undefined : fullDisk(run, system, begunAt, missed, signal),
  ])
  return [
    ...(missed.othersFailed ? ['and it was not the system itself that did not answer, but something around it'] : []),
    ...(silent.length === 0 ? [] : [`and these do not answer either: ${silent.join('; ')}`]),
    ...apart.map(
      ({ place, ms }) => `the clock of ${place} is ${Math.round(ms / 1_000)} seconds apart from the one here`,
    ),
    ...(full === undefined ? [] : [`a disk is full: ${redact(full).slice(0, longestQuote)}`]),
  ]
}

/** The first line that tells of a full disk, among the answers and in the log of the system since the scenario began. */
async function fullDisk(
  run: Run,
  system: SystemName,
  begunAt: Date,
  { first, last }: NotSeen,
  signal: AbortSignal,
): Promise<string | undefined> {
  const log = await logSince(run, system, begunAt, signal)
  return [first, last, ...log].find(line => diskFull.test(line))
}

async function logSince(run: Run, system: SystemName, begunAt: Date, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return (await workloadOf(run, system).log(begunAt, signal)).value
  } catch (error) {
    if (isDefect(error)) throw error
    // Many targets name no workload; and a log that cannot be read now tells of nothing.
    return []
  }
}
