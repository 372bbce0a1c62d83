/**
 * The lab's control socket: HTTP over a Unix socket, which a `LabProcess` workload names in the target file.
 *
 * - `GET /processes/NAME`, `GET /processes/NAME/log?since=ISO`, `POST /processes/NAME/terminate`, `POST /processes/NAME/kill`
 * - `GET /processes/NAME/files?folder=PATH`: what lies below a folder of its own, as `{"files": [{"path": "a/b", "bytes": 1}]}`
 * - `POST /processes/NAME/scale?instances=N`: 0 ends it as terminate does and leaves it down, 1 starts it again
 * - `GET /rules`: what the lab's proxy does to requests now, as `[{"rule": RULE, "strikes": COUNT}]`
 * - `PUT /rules`: it does this from now on, and nothing else; a list of rules as `support/faults/rule.ts` describes them.
 *   Answered as `GET` when they are in force, or with 400 and `{"error": "...", "faults": ["..."]}`, and nothing has changed
 * - `DELETE /rules`: it does nothing to requests any more
 *
 * This socket is a port of the lab like the others (`lab.control`), so rules may strike what is asked here, `/rules` too,
 * and connections to it are cut off when rules about it come or go. The same is answered on `lab.sock` beside it, which
 * no rule ever touches: who switches rules about this socket asks there.
 */

/** One process of the lab, as `GET /processes/NAME` tells it. The supervisor starts a process again whenever it ends. */
export interface ProcessStatus {
  readonly name: string
  readonly version: string
  /** Undefined while it is down. */
  readonly pid?: number
  /** Whether its readiness check answers. */
  readonly ready: boolean
  /** How many of it there are to be: 0 where it was told to stay down, else 1. */
  readonly instances: number
  /** How often it was started again. */
  readonly restarts: number
  /** ISO time of the last start. */
  readonly startedAt: string
  /** Resident memory of the process in bytes, as the kernel counts it. */
  readonly memoryBytes?: number
  /** How it last ended, such as `exit code 1` or `signal SIGKILL`. */
  readonly lastExit?: string
}
