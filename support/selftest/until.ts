import { setTimeout as pause } from 'node:timers/promises'

/** Waits until a condition holds. @throws Error where it does not within the limit */
export async function until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(25)
  }
}
