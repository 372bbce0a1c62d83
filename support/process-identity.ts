import { readFileSync } from 'node:fs'

/** Names one process for good: its number is used again one day, number and start together are not. */
export interface ProcessIdentity {
  readonly pid: number
  /** The kernel's start time in clock ticks since boot; undefined where the system does not tell it (not Linux). */
  readonly startTicks?: string | undefined
}

/** The identity of a running process; undefined where there is none with this number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined
  }
  const startTicks = readStartTicks(pid)
  return startTicks === undefined ? { pid } : { pid, startTicks }
}

export function isRunning(identity: ProcessIdentity): boolean {
  const running = identifyProcess(identity.pid)
  return running !== undefined && running.startTicks === identity.startTicks
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted after the command name, which may hold anything. */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
