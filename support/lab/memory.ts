import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Resident memory of a process in bytes: VmRSS of /proc/PID/status (proc_pid_status(5)), else what `ps` tells. */
export function residentMemory(pid: number): number | undefined {
  try {
    const kilobytes = process.platform === 'linux' ? fromStatus(pid) : fromPs(pid)
    return kilobytes === undefined || !Number.isFinite(kilobytes) ? undefined : kilobytes * 1024
  } catch {
    return undefined
  }
}

function fromStatus(pid: number): number | undefined {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return found === null ? undefined : Number(found[1])
}

function fromPs(pid: number): number {
  return Number.parseInt(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }), 10)
}
