/** A server that ended without having been asked to. */
export interface LabIncident {
  readonly name: string
  /** ISO time of its end. */
  readonly at: string
  /** `exit code 1`, `signal SIGSEGV`. */
  readonly exit: string
  /** The last lines of its log, without secrets. */
  readonly logTail: string
}

export interface ServerCommand {
  readonly name: string
  readonly version: string
  readonly program: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Where it runs, and its HOME: nothing of the user's own configuration reaches it. */
  readonly directory: string
  readonly logFile: string
  /** Asks the server once; false or an error while it does not serve. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>
  /** Names below its folder that are deleted whenever it starts. */
  readonly loses?: readonly string[]
  /** It is not started again when it has ended. */
  readonly staysDown?: boolean
}

export interface ServerTimes {
  /** The pause before the second restart in a row; doubled with each one, up to `longestPause`. Milliseconds. */
  readonly firstPause: number
  readonly longestPause: number
  /** A life of this length ends a row of restarts. */
  readonly steadyLife: number
  /** From SIGTERM to SIGKILL. */
  readonly grace: number
  readonly startTimeout: number
}

/** How long a start is waited for. Milliseconds. */
export interface Patience {
  /** From its first answer that it is not ready. */
  readonly unreadyMs: number
  /** While it answers nothing at all. */
  readonly silentMs: number
}
