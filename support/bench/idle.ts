import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stringify } from 'yaml'
import { formatDuration } from '../duration.ts'
import type { TargetFileInput } from '../target/schema.ts'
import { measureCommand } from './command.ts'
import type { Figure } from './figure.ts'
import { processorTimeOf } from './processor-time.ts'
import { type SlowTempo, startSlowTempo } from './slow-tempo.ts'

/** Its scenarios ask again while Tempo answers 503. */
const requirement = 'suite.tempo.1'
const silentMs = 20_000
/** Its 5 seconds become 40. */
const deadlineScale = '8'
/** Of one processor, for each scenario that waits. */
const busiestShare = 0.05

/** How busy the whole command is while its scenarios wait; none where the system does not tell a process's time. */
export async function measureIdle(project: string, folder: string, signal: AbortSignal): Promise<Figure[]> {
  if (processorTimeOf(process.pid) === undefined) return []
  using tempo = await startSlowTempo(silentMs)
  const target = join(folder, 'slow-tempo.yaml')
  writeFileSync(target, stringify(targetOf(tempo)))
  const wanted = ['--target', target, '--requirement', requirement, '--deadline-scale', deadlineScale]
  const given = ['support/cli/accept.ts', ...wanted, '--reports', join(folder, 'idle')]
  const ended = new AbortController()
  let share: Promise<number> = Promise.resolve(Number.NaN)
  try {
    await measureCommand(process.execPath, given, {
      project,
      signal,
      onStart: pid => {
        share = shareWhileSilent(pid, tempo, ended.signal)
        share.catch(() => undefined)
      },
    })
  } finally {
    ended.abort()
  }
  return [
    {
      name: 'processor per waiting scenario',
      measured: (await share) / tempo.queries(),
      unit: 'share',
      limit: 'at most',
      bound: busiestShare,
      note: `the whole command, while ${tempo.queries()} scenarios of it wait for ${formatDuration(silentMs)}`,
    },
  ]
}

function targetOf({ url }: SlowTempo): TargetFileInput {
  return { name: 'slow', systems: { tempo: { http: url, otlpGrpc: url, otlpHttp: url, bucket: 'none' } } }
}

/** From a second after the first query, when all is loaded, to the moment of the answer. NaN where that never came. */
async function shareWhileSilent(pid: number, tempo: SlowTempo, ended: AbortSignal): Promise<number> {
  let first: number | undefined
  while (first === undefined) {
    await pause(50, undefined, { signal: ended })
    first = tempo.firstAskedAt()
  }
  await pause(1_000, undefined, { signal: ended })
  const [before, startedAt] = [processorTimeOf(pid), performance.now()]
  await pause(first + tempo.silentMs - startedAt, undefined, { signal: ended })
  const used = (processorTimeOf(pid) ?? Number.NaN) - (before ?? Number.NaN)
  return used / (performance.now() - startedAt)
}
