import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerCommand } from './server-command.ts'

/** Starts a server's program as the leader of a process group of its own; what it writes goes to the end of its log. */
export function spawnServer(command: ServerCommand): ChildProcess {
  const { program, directory, logFile, loses = [] } = command
  for (const name of loses) rmSync(join(directory, name), { recursive: true, force: true })
  const log = openSync(logFile, 'a', 0o600)
  try {
    return spawn(program, command.arguments, {
      cwd: directory,
      env: { PATH: process.env.PATH ?? '', HOME: directory, TMPDIR: directory, ...command.environment },
      stdio: ['ignore', log, log],
      detached: true,
    })
  } finally {
    closeSync(log)
  }
}
