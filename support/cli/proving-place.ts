import type { Fault } from '../faults/fault.ts'
import type { SeenRun } from '../proofs/judge.ts'
import type { RunEnded, RunOrder } from './prove-run.ts'

export type ProvingOrder = Omit<RunOrder, 'lab' | 'folder' | 'signal' | 'fault'>

/** Where faults are brought about, one after the other: a lab of processes, or the cluster lab. */
export interface ProvingPlace extends AsyncDisposable {
  readonly versions: Readonly<Record<string, string>>
  /** Puts a fresh one in the place of this one, or puts everything as it should be. */
  renew(): Promise<void>
  /** Has every system's server start anew, with all that it has stored, where that leaves no other trace. */
  restartServers(): Promise<void>
  /** A run without a fault. */
  run(order: ProvingOrder): Promise<RunEnded>
  /** A run under a fault, which is gone when this returns. */
  runUnder(fault: Fault, order: ProvingOrder): Promise<SeenRun>
}
