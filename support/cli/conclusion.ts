import { readExitCode } from '../report/run-file.ts'
import { pendingChanges } from '../undo/journal.ts'
import { exitCodes } from './command.ts'
import type { RunSettings } from './cucumber.ts'
import type { Place } from './place.ts'

/** What the run comes to: the verdict in run.json, unless something is left behind that kept it from being clean. */
export function concludeRun(run: RunSettings, place: Place): number {
  for (const { name, at, exit, logTail } of place.incidents()) {
    process.stderr.write(`\n${name} ended by itself at ${at} (${exit}); the end of its log:\n${logTail}\n`)
  }
  const left = pendingChanges().filter(change => change.runId === run.runId)
  for (const { action, targetFile } of left) {
    process.stderr.write(`not put back: ${action.kind} ${action.user} (${targetFile}); npm run sweep tries again\n`)
  }
  const decided = readExitCode(run.reports, run.runId)
  return decided === exitCodes.satisfied && left.length > 0 ? exitCodes.undetermined : decided
}
