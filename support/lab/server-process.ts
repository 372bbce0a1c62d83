import type { ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessStatus } from '../drivers/control.ts'
import { describeError } from '../errors.ts'
import { redact } from '../secret.ts'
import { residentMemory } from './memory.ts'
import { spawnServer } from './server-child.ts'
import type { LabIncident, Patience, ServerCommand, ServerTimes } from './server-command.ts'
import { startFailure } from './server-failure.ts'
import { logTail, noteEnd, noteStart } from './server-log.ts'

/**
 * Restarts like a StatefulSet's, only quicker. The grace: Tempo has its write-ahead log on disk 0.2 s after SIGTERM, but
 * once it was queried it never ends, as its query queue waits for a clean-up that has stopped already.
 */
const usualTimes: ServerTimes = {
  firstPause: 1_000,
  longestPause: 10_000,
  steadyLife: 10_000,
  grace: 1_500,
  startTimeout: 60_000,
}
const readinessInterval = 25
const readinessTimeout = 1_000

type StartOutcome = 'ready' | 'ended' | 'not ready'

/**
 * One server of the lab. Once it was ready it is started again whenever it ends: at once when it was asked to end or
 * had lived for long, else after a pause that grows. It leads its own process group, so that a Ctrl-C in the terminal
 * reaches the supervisor only, and it writes its log file itself.
 */
export class ServerProcess implements AsyncDisposable {
  #command: ServerCommand
  readonly #times: ServerTimes
  readonly #onStart: () => void
  readonly #incidents: LabIncident[] = []
  readonly #ending = new AbortController()
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  #startedAt = new Date()
  #starts = 0
  #inARow = 0
  #asked = false
  #settled = false
  #instances: 0 | 1 = 1
  #lastExit: string | undefined

  /** @param onStart called whenever there is a new process, before anything else happens to it */
  constructor(command: ServerCommand, onStart: () => void = () => undefined, times: Partial<ServerTimes> = {}) {
    this.#command = command
    this.#onStart = onStart
    this.#times = { ...usualTimes, ...times }
  }

  get command(): ServerCommand {
    return this.#command
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get incidents(): readonly LabIncident[] {
    return this.#incidents
  }

  /**
   * Starts the server and waits until it is ready.
   * @throws EnvironmentError where it ends before, or is not ready in time
   */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#spawn()
    const { startTimeout } = this.#times
    const outcome = await this.#startEnds(signal, { unreadyMs: startTimeout, silentMs: startTimeout })
    if (outcome !== 'ready') throw this.#failure(outcome === 'ended' ? (this.#lastExit ?? 'no exit') : undefined)
    this.#settled = true
    if (this.#child === undefined) this.#restartLater()
  }

  /** Goes on with another command, from the next start on. */
  change(command: ServerCommand): void {
    this.#command = command
  }

  /**
   * Ends the process at once and starts it anew, which is no incident. Returns when it is ready, has ended again, or is
   * not ready for too long: it may be meant to be so.
   */
  async restart(signal: AbortSignal, patience: Patience): Promise<void> {
    this.kill()
    await this.#gone
    this.#inARow = 0
    this.#instances = 1
    this.#spawn()
    await this.#startEnds(signal, patience)
  }

  /**
   * Waits until it is ready, also where it is just ending and will be started again, and starts it where it is down.
   * @throws EnvironmentError where it is not ready in time
   */
  async becomesReady(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + this.#times.startTimeout
    this.#instances = 1
    while (this.#asked || (await this.#readiness(signal)) !== 'ready') {
      signal.throwIfAborted()
      this.#ending.signal.throwIfAborted()
      if (performance.now() > deadline) throw this.#failure()
      if (this.#child === undefined) this.#spawn()
      await pause(readinessInterval, undefined, { signal })
    }
  }

  async status(signal: AbortSignal): Promise<ProcessStatus> {
    const ready = (await this.#readiness(signal)) === 'ready'
    const pid = this.pid
    const memoryBytes = pid === undefined ? undefined : residentMemory(pid)
    return {
      name: this.command.name,
      version: this.command.version,
      ...(pid === undefined ? {} : { pid }),
      ready: ready && pid !== undefined,
      instances: this.#instances,
      restarts: Math.max(0, this.#starts - 1),
      startedAt: this.#startedAt.toISOString(),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(this.#lastExit === undefined ? {} : { lastExit: this.#lastExit }),
    }
  }

  /** Asks the process to end in its own time, and ends it after the grace. False where none is running. */
  terminate(): boolean {
    const child = this.#child
    if (!this.#send('SIGTERM')) return false
    const timer = setTimeout(() => {
      if (this.#child === child) this.#send('SIGKILL')
    }, this.#times.grace)
    void this.#gone.then(() => clearTimeout(timer))
    return true
  }

  /** Ends the process without warning. False where none is running. */
  kill(): boolean {
    return this.#send('SIGKILL')
  }

  /** 0: ends it as `terminate` does, and leaves it down; 1: starts it where it is down. Neither is an incident. */
  scale(instances: 0 | 1): void {
    this.#instances = instances
    if (instances === 0) this.terminate()
    else if (this.#child === undefined) this.#spawn()
  }

  /** Ends the server for good, at once: what it has not written yet is deleted anyway. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.kill()
    await this.#gone
  }

  #send(signal: 'SIGTERM' | 'SIGKILL'): boolean {
    const pid = this.pid
    if (pid === undefined) return false
    this.#asked = true
    try {
      process.kill(-pid, signal)
    } catch {
      // It ended in this moment, and its exit is about to be told.
    }
    return true
  }

  #spawn(): void {
    if (this.#child !== undefined || this.#instances === 0 || this.#ending.signal.aborted) return
    const { command } = this
    this.#startedAt = new Date()
    this.#asked = false
    noteStart(command.logFile, `program=${basename(command.program)} start=${this.#starts + 1}`)
    this.#child = spawnServer(command)
    this.#starts += 1
    const child = this.#child
    this.#gone = new Promise(resolve => {
      const end = (exit: string): void => {
        if (this.#child !== child) return
        this.#ended(exit)
        resolve()
      }
      child.once('error', error => child.pid === undefined && end(`not started: ${error.message}`))
      child.once('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`))
    })
    this.#onStart()
  }

  #ended(exit: string): void {
    this.#child = undefined
    this.#lastExit = exit
    const lived = Date.now() - this.#startedAt.getTime()
    if (this.#ending.signal.aborted) return
    noteEnd(this.command.logFile, exit)
    if (!this.#settled) return
    if (!this.#asked)
      this.#incidents.push({ name: this.command.name, at: new Date().toISOString(), exit, logTail: this.#tail() })
    if (this.#asked || lived >= this.#times.steadyLife) this.#inARow = 0
    this.#restartLater()
    if (!this.#asked) this.#inARow += 1
  }

  #restartLater(): void {
    if (this.#command.staysDown === true) return
    const { firstPause, longestPause } = this.#times
    const wait = this.#inARow === 0 ? 0 : Math.min(longestPause, firstPause * 2 ** (this.#inARow - 1))
    pause(wait, undefined, { signal: this.#ending.signal }).then(
      () => this.#spawnAgain(),
      // The lab ends; the process that may run by now is none of this pause's business.
      () => undefined,
    )
  }

  #spawnAgain(): void {
    try {
      this.#spawn()
    } catch (error) {
      this.#ended(`not started: ${describeError(error)}`)
    }
  }

  /** How a start comes out. */
  async #startEnds(signal: AbortSignal, { unreadyMs, silentMs }: Patience): Promise<StartOutcome> {
    const starts = this.#starts
    const startedAt = performance.now()
    let answeredAt: number | undefined
    for (;;) {
      const readiness = await this.#readiness(signal)
      signal.throwIfAborted()
      if (readiness === 'ready') return 'ready'
      if (this.#child === undefined || this.#starts > starts) return 'ended'
      if (readiness === 'not ready') answeredAt ??= performance.now()
      const deadline = answeredAt === undefined ? startedAt + silentMs : answeredAt + unreadyMs
      if (performance.now() > deadline) return 'not ready'
      await pause(readinessInterval, undefined, { signal })
    }
  }

  async #readiness(signal: AbortSignal): Promise<'ready' | 'not ready' | 'silent'> {
    if (this.#child === undefined) return 'silent'
    try {
      const ready = await this.command.isReady(AbortSignal.any([signal, AbortSignal.timeout(readinessTimeout)]))
      return ready ? 'ready' : 'not ready'
    } catch {
      return 'silent'
    }
  }

  #failure(exit?: string): Error {
    return startFailure(this.command, exit, this.#times.startTimeout)
  }

  #tail(): string {
    return redact(logTail(this.command.logFile))
  }
}
