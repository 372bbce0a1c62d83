import { readExitCode } from '../report/run-file.ts'
import { describeAction, pendingChanges } from '../undo/journal.ts'
import { exitCodes } from './command.ts'
import type { RunSettings } from './cucumber.ts'
import type { Place } from './place.ts'

/** What the run comes to: the verdict in run.json, unless something is left behind that kept it from being clean. */
export function concludeRun(run: RunSettings, place: Place): number {
  const decided = readExitCode(run.reports, run.runId)
  for (const { name, at, exit, logTail } of place.incidents()) {
    // Scenarios may provoke it (a start with refused credentials): the log is told only where something went wrong.
    const log = decided === exitCodes.satisfied ? '' : `; the end of its log:\n${logTail}`
    process.stderr.write(`${name} ended by itself at ${at} (${exit})${log}\n`)
  }
  const left = pendingChanges().filter(change => change.runId === run.runId)
  for (const { action, targetFile } of left) {
    process.stderr.write(`not put back: ${describeAction(action)} (${targetFile}); npm run sweep tries again\n`)
  }
  return decided === exitCodes.satisfied && left.length > 0 ? exitCodes.undetermined : decided
}
