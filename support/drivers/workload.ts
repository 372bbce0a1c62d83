import type { Answer } from './answer.ts'

/** How a workload is doing now. */
export interface WorkloadStatus {
  /** Every instance that should be there is there and ready. */
  readonly ready: boolean
  /** Restarts of all instances together, since they were made. */
  readonly restarts: number
  /** Names one life of the workload: it changes when an instance is replaced or started again. */
  readonly incarnation: string
  /** When that life began, where it can be told. */
  readonly startedAt?: Date
  /** Bytes of memory of the largest instance, where that can be told. */
  readonly memoryBytes?: number
  /** A sentence for people: `tempo: not ready, 2 restarts, last ended by SIGKILL`. */
  readonly description: string
}

/** A file of a workload. */
export interface WorkloadFile {
  /** Relative to the folder that was asked for, with slashes. */
  readonly path: string
  readonly bytes: number
}

/** What runs a system: it can be looked at, read and, where the target allows it, disrupted. */
export interface Workload {
  /** `lab/tempo`, `monitoring/StatefulSet/tempo`. */
  readonly name: string
  status(signal: AbortSignal): Promise<Answer<WorkloadStatus>>
  /** At length, with what happened to each instance lately, where whoever keeps the workload tells that. */
  describe?(signal: AbortSignal): Promise<Answer<string>>
  /** The log lines written since then, by every instance, the oldest first. */
  log(since: Date, signal: AbortSignal): Promise<Answer<string[]>>
  /** The files below a folder of its own, where whoever keeps the workload can see them. */
  files?(folder: string, signal: AbortSignal): Promise<Answer<WorkloadFile[]>>
  /** Asks every instance to end in its own time; whoever keeps the workload starts it again. Does not wait. */
  terminate(signal: AbortSignal): Promise<void>
  /** Ends every instance without warning. Does not wait. */
  kill(signal: AbortSignal): Promise<void>
  /** How many instances it is to have. */
  instances(signal: AbortSignal): Promise<Answer<number>>
  /**
   * Has it be so many instances from now on; with none it stays away. Does not wait. What was there before is in nobody's
   * memory but the caller's.
   */
  scale(instances: number, signal: AbortSignal): Promise<void>
}
