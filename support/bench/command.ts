import { execa } from 'execa'
import { EnvironmentError } from '../errors.ts'

/** A command that ended. */
export interface MeasuredCommand {
  readonly elapsedMs: number
  readonly stdout: string
}

export interface CommandOptions {
  /** The folder that it runs in. */
  readonly project: string
  readonly signal: AbortSignal
  /** Told of each line of its standard error at once, with the time since its start. */
  onLine?(line: string, elapsedMs: number): void
  /** Told of its process once it runs. */
  onStart?(pid: number): void
}

const longestMs = 180_000

/**
 * Runs a command to its end and measures from its start to its exit. When the signal ends it, it is interrupted as by
 * Ctrl-C, and ended only when it has cleaned up.
 * @throws EnvironmentError where it does not end with 0, with the end of what it wrote
 */
export async function measureCommand(
  command: string,
  given: readonly string[],
  { project, signal, onLine, onStart }: CommandOptions,
): Promise<MeasuredCommand> {
  signal.throwIfAborted()
  const startedAt = performance.now()
  // In a process group of its own, so that Ctrl-C reaches it once, and with all that it started.
  const running = execa(command, given, { cwd: project, detached: true, reject: false, timeout: longestMs })
  const { pid } = running
  if (pid !== undefined) onStart?.(pid)
  const interrupt = () => void (pid !== undefined && process.kill(-pid, 'SIGINT'))
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    for await (const line of running.iterable({ from: 'stderr' })) onLine?.(line, performance.now() - startedAt)
    const ended = await running
    const elapsedMs = performance.now() - startedAt
    signal.throwIfAborted()
    if (ended.exitCode !== 0) {
      const last = `${ended.stdout}\n${ended.stderr}`.trim().split('\n').slice(-20).join('\n')
      throw new EnvironmentError(
        `${[command, ...given].join(' ')} ended with ${ended.exitCode ?? ended.signal ?? ended.originalMessage}, so nothing was measured:\n${last}`,
      )
    }
    return { elapsedMs, stdout: ended.stdout }
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}
