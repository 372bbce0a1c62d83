/**
 * The lab's control socket: HTTP over a Unix socket, which a `LabProcess` workload names in the target file.
 * `GET /processes/NAME`, `GET /processes/NAME/log?since=ISO`, `POST /processes/NAME/terminate`, `POST /processes/NAME/kill`.
 */

/** One process of the lab, as `GET /processes/NAME` tells it. The supervisor starts a process again whenever it ends. */
export interface ProcessStatus {
  readonly name: string
  readonly version: string
  /** Undefined while it is down. */
  readonly pid?: number
  /** Whether its readiness check answers. */
  readonly ready: boolean
  /** How often it was started again. */
  readonly restarts: number
  /** ISO time of the last start. */
  readonly startedAt: string
  /** Resident memory of the process in bytes, as the kernel counts it. */
  readonly memoryBytes?: number
  /** How it last ended, such as `exit code 1` or `signal SIGKILL`. */
  readonly lastExit?: string
}
