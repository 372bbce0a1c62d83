import { readFileSync } from 'node:fs'

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on (proc(5), "/proc/pid/stat"). */
const ticksPerSecond = 100

/**
 * Milliseconds of processor time that a process and its threads have used; not that of its children. Undefined where
 * the system does not tell (it takes Linux), or the process is gone.
 */
export function processorTimeOf(pid: number): number | undefined {
  try {
    // The name of the program stands in parentheses and may hold anything; utime and stime are fields 14 and 15.
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return ((Number(afterName[11]) + Number(afterName[12])) * 1_000) / ticksPerSecond
  } catch {
    return undefined
  }
}
