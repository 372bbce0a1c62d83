import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerCommand } from '../server-command.ts'

/** A server that is a shell script in a folder of its own; it is ready while the file `ready` is there. */
export function scriptedServer(body: string): { command: ServerCommand; directory: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'scripted-server-'))
  const program = join(directory, 'server')
  mkdirSync(join(directory, 'data'))
  writeFileSync(program, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  const command: ServerCommand = {
    name: 'scripted',
    version: '1.0',
    program,
    arguments: [],
    environment: { SECRET_OF_LAB: 'x' },
    directory: join(directory, 'data'),
    logFile: join(directory, 'scripted.log'),
    isReady: async () => existsSync(join(directory, 'data', 'ready')),
  }
  return { command, directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}
