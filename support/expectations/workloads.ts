import type { WorkloadStatus } from '../drivers/workload.ts'
import { Unmet } from '../errors.ts'

/** Accepts a workload whose instance is another one than before, and ready. */
export const replacedAndReady =
  (before: WorkloadStatus) =>
  (now: WorkloadStatus): void => {
    if (now.incarnation === before.incarnation)
      throw new Unmet(`still the instance of before the restart (${now.description})`)
    if (!now.ready) throw new Unmet(now.description)
  }

export const isReady = (now: WorkloadStatus): void => {
  if (!now.ready) throw new Unmet(now.description)
}

/** Accepts memory up to a limit, in bytes. A workload whose memory cannot be told is not within any limit. */
export const memoryWithin =
  (limitBytes: number) =>
  ({ memoryBytes, description }: WorkloadStatus): void => {
    if (memoryBytes === undefined) throw new Unmet(`its memory cannot be told (${description})`)
    if (memoryBytes > limitBytes) {
      const over = memoryBytes - limitBytes
      const told = over < 2 ** 20 ? `${over} bytes` : `${mebibytes(over)} MiB`
      throw new Unmet(
        `${mebibytes(memoryBytes)} MiB of memory, ${told} more than the ${mebibytes(limitBytes)} MiB allowed`,
      )
    }
  }

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
