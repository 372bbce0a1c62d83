import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EnvironmentError } from '../errors.ts'
import { cacheFolder } from '../folders.ts'
import type { OnProgress } from './progress.ts'
import { programVariable, readServerPins, type ServerName } from './servers.ts'

/** A server's executable file, and the version that it is known by. */
export interface ServerProgram {
  readonly path: string
  readonly version: string
}

export interface ProgramSearch {
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
  /** Where built programs are kept. */
  readonly cache?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Finds a server's program: the one that `LAB_<SERVER>` names, else the pinned version from the cache, else built with
 * Go. A program built as a Go module does not know its version, so the pinned one stands for it.
 * @throws EnvironmentError where there is none and it cannot be built
 */
export async function findProgram(name: ServerName, search: ProgramSearch): Promise<ServerProgram> {
  const variable = programVariable(name)
  const named = (search.environment ?? process.env)[variable]
  if (named !== undefined && named !== '') return await namedProgram(name, variable, named, search.signal)
  const pin = readServerPins()[name]
  const path = cachedProgram(name, pin.version, search.cache ?? cacheFolder)
  if (!(await isExecutable(path))) {
    const { buildProgram } = await import('./go-build.ts')
    await buildProgram({ name, pin, program: path, signal: search.signal, onProgress: search.onProgress })
  }
  return { path, version: pin.version }
}

/** `CACHE/servers/tempo-v1.5.1-linux-x64/tempo`. */
export function cachedProgram(name: ServerName, version: string, cache: string = cacheFolder): string {
  return join(cache, 'servers', `${name}-${version}-${process.platform}-${process.arch}`, name)
}

async function namedProgram(
  name: ServerName,
  variable: string,
  path: string,
  signal: AbortSignal,
): Promise<ServerProgram> {
  if (!(await isExecutable(path))) {
    throw new EnvironmentError(
      `${variable} names ${path}, which is not an executable file; correct it, or unset it to use the pinned ${name}`,
    )
  }
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['--version'], { signal, timeout: 10_000 })
    const version = (stdout.trim() || stderr.trim()).split('\n')[0]
    if (version === undefined || version === '') throw new Error('it printed nothing')
    return { path, version }
  } catch (error) {
    signal.throwIfAborted()
    throw new EnvironmentError(
      `${variable} names ${path}, which does not tell its version when it is run with --version`,
      { cause: error },
    )
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
