import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Whether a process ends within 2 s. One that has ended, and that nobody has asked about yet, counts as ended. */
export async function isEnded(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 80; attempt++) {
    if (isGone(pid)) return true
    await pause(25)
  }
  return false
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
