import { EnvironmentError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { ServerCommand } from './server-command.ts'
import { logTail } from './server-log.ts'

/** Why a server cannot be used, with the end of its log. @param exit how it ended; undefined where it runs, unready */
export function startFailure(command: ServerCommand, exit: string | undefined, limitMs: number): EnvironmentError {
  const tail = redact(logTail(command.logFile))
  const what =
    exit === undefined
      ? `was not ready after ${Math.round(limitMs / 1000)} s`
      : `ended before it was ready (${exit})${reasonOf(tail)}`
  return new EnvironmentError(`${command.name} ${what}; its log ends with:\n${tail.replaceAll(/^/gm, '  ')}`)
}

function reasonOf(log: string): string {
  if (/address already in use/.test(log)) return ': a port that it needs is taken'
  if (/no space left on device|disk.*full/i.test(log)) return ': the disk is full'
  return ''
}
