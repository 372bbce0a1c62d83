import { interruption, interruptRun } from '../interruption.ts'
import { exitCodes } from './command.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal ends the waiting, so that everything is put back and written down; the second ends the process at
 * once, and what is left is cleaned up by the next run.
 */
export function ownSignals(): { readonly signal: AbortSignal } & Disposable {
  const onSignal = (name: NodeJS.Signals) => {
    if (interruption.aborted) process.exit(exitCodes.interrupted)
    process.stderr.write(`\n${name}: ending the run; once more to leave at once\n`)
    interruptRun()
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: interruption,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
