import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
/** No command under test takes this long. */
const longestMs = 90_000

/** What a command came to. */
export interface Ended {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
  /** Where its reports were to go. */
  readonly reports: string
}

/** A command that runs, as a user runs it: a process of its own, with no terminal. */
export class Command {
  readonly ended: Promise<Ended>
  readonly reports: string
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  /** Runs in the project's folder. */
  constructor(program: string, options: readonly string[], environment: NodeJS.ProcessEnv, reports: string) {
    const startedAt = performance.now()
    this.reports = reports
    this.#child = spawn(program, options, {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestMs,
      killSignal: 'SIGKILL',
    })
    this.#child.stdout?.setEncoding('utf8').on('data', text => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.#stderr += text
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', code => {
        const elapsedMs = performance.now() - startedAt
        resolve({ code: code ?? undefined, stdout: this.#stdout, stderr: this.#stderr, elapsedMs, reports })
      })
    })
  }

  /** Waits until it has printed this on its standard output. */
  async prints(pattern: RegExp, limitMs = 30_000): Promise<void> {
    await until(`${pattern} on the output`, limitMs, async () => {
      if (this.#child.exitCode !== null) throw new Error(`it ended before:\n${this.#stdout}${this.#stderr}`)
      return pattern.test(this.#stdout)
    })
  }

  /** Reads its standard output no more, as `| head` does when it has seen enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(name)
  }

  /** Ends it where it still runs. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended.catch(() => undefined)
  }
}
