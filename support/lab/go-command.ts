import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EnvironmentError } from '../errors.ts'

export interface GoCommand {
  readonly arguments: readonly string[]
  readonly directory: string
  readonly signal: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
  /** Called for every line that Go writes about its progress (standard error). */
  readonly onLine?: (line: string) => void
}

/** Go ended with an error of its own; `output` is everything that it said about it. */
export class GoFailure extends Error {
  override readonly name = 'GoFailure'
  readonly output: string

  constructor(message: string, output: string) {
    super(message)
    this.output = output
  }
}

/**
 * Runs the `go` command and returns its standard output. Go starts compilers and linkers of its own, so it leads a
 * process group that is killed as a whole when the signal aborts.
 * @throws EnvironmentError where there is no Go; GoFailure where it fails; the signal's reason where it was aborted
 */
export async function runGo(command: GoCommand): Promise<string> {
  command.signal.throwIfAborted()
  const child = spawn('go', command.arguments, {
    cwd: command.directory,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...command.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const killGroup = (): void => {
    if (child.pid !== undefined && child.exitCode === null) killQuietly(-child.pid)
  }
  command.signal.addEventListener('abort', killGroup, { once: true })
  process.once('exit', killGroup)
  const complaints: string[] = []
  createInterface({ input: child.stderr }).on('line', line => {
    complaints.push(line)
    command.onLine?.(line)
  })
  const output: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk))
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    command.signal.throwIfAborted()
    if (code !== 0)
      throw new GoFailure(`go ${command.arguments.join(' ')} ended with exit code ${code}`, complaints.join('\n'))
    return output.join('')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new EnvironmentError('there is no Go on the path', { cause: error })
    }
    throw error
  } finally {
    command.signal.removeEventListener('abort', killGroup)
    process.removeListener('exit', killGroup)
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in this moment.
  }
}
