import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessStatus } from '../drivers/control.ts'
import { describeError, EnvironmentError } from '../errors.ts'
import { redact } from '../secret.ts'
import { residentMemory } from './memory.ts'
import type { LabIncident, ServerCommand, ServerTimes } from './server-command.ts'
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
    const { name } = this.command
    signal.throwIfAborted()
    this.#spawn()
    const deadline = performance.now() + this.#times.startTimeout
    while (!(await this.#answers(signal))) {
      signal.throwIfAborted()
      if (this.#child === undefined) {
        const exit = this.#lastExit ?? 'no exit'
        throw new EnvironmentError(
          `${name} ended before it was ready (${exit})${reasonOf(this.#tail())}; its log ends with:\n${indent(this.#tail())}`,
        )
      }
      if (performance.now() > deadline) {
        const seconds = Math.round(this.#times.startTimeout / 1000)
        throw new EnvironmentError(
          `${name} was not ready after ${seconds} s; its log ends with:\n${indent(this.#tail())}`,
        )
      }
      await pause(readinessInterval, undefined, { signal })
    }
    this.#settled = true
    if (this.#child === undefined) this.#restartLater()
  }

  /**
   * Goes on with another command. Ends the process at once and starts it anew, unless `later`: then the next start is by
   * the new command. Tells whether it became ready in time.
   */
  async replace(
    command: ServerCommand,
    {
      later = false,
      limitMs = this.#times.startTimeout,
      signal,
    }: { later?: boolean; limitMs?: number; signal: AbortSignal },
  ): Promise<boolean> {
    this.#command = command
    if (later) return true
    const starts = this.#starts
    if (!this.kill()) this.#spawn()
    const deadline = performance.now() + limitMs
    while (this.#starts === starts || !(await this.#answers(signal))) {
      if (performance.now() > deadline) return false
      await pause(readinessInterval, undefined, { signal })
    }
    return true
  }

  async status(signal: AbortSignal): Promise<ProcessStatus> {
    const ready = await this.#answers(signal)
    const pid = this.pid
    const memoryBytes = pid === undefined ? undefined : residentMemory(pid)
    return {
      name: this.command.name,
      version: this.command.version,
      ...(pid === undefined ? {} : { pid }),
      ready: ready && pid !== undefined,
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
    if (this.#child !== undefined) return
    const { command } = this
    for (const name of command.loses ?? []) rmSync(join(command.directory, name), { recursive: true, force: true })
    this.#startedAt = new Date()
    this.#asked = false
    noteStart(command.logFile, `program=${basename(command.program)} start=${this.#starts + 1}`)
    const log = openSync(command.logFile, 'a', 0o600)
    try {
      this.#child = spawn(command.program, command.arguments, {
        cwd: command.directory,
        env: {
          PATH: process.env.PATH ?? '',
          HOME: command.directory,
          TMPDIR: command.directory,
          ...command.environment,
        },
        stdio: ['ignore', log, log],
        detached: true,
      })
    } finally {
      closeSync(log)
    }
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
    pause(wait, undefined, { signal: this.#ending.signal })
      .then(() => this.#spawn())
      .catch((error: unknown) => this.#ended(`not started: ${describeError(error)}`))
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    if (this.#child === undefined) return false
    try {
      return await this.command.isReady(AbortSignal.any([signal, AbortSignal.timeout(readinessTimeout)]))
    } catch {
      return false
    }
  }

  #tail(): string {
    return redact(logTail(this.command.logFile))
  }
}

function reasonOf(log: string): string {
  if (/address already in use/.test(log)) return ': a port that it needs is taken'
  if (/no space left on device|disk.*full/i.test(log)) return ': the disk is full'
  return ''
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
