import { endOrphans } from '../lab/orphans.ts'
import { sweepChanges } from '../undo/sweep.ts'
import { exitCodes, readArguments, runCommand } from './command.ts'

const help = `Cleans up after runs that were killed: ends servers of their labs, deletes the labs' folders, and undoes what
the runs had changed in systems (a storage user that is still disabled).

  npm run sweep

The environment variables that the target files of those runs name must be set. Every run of npm run accept does this too.
Exit codes: 0 all is clean, 2 wrong usage, 3 something could not be undone and stays in the journal for the next time.`

await runCommand(async () => {
  const { help: asked } = readArguments({ help: { type: 'boolean', short: 'h', default: false } }, help)
  if (asked) {
    process.stdout.write(`${help}\n`)
    return exitCodes.satisfied
  }
  const tell = (line: string) => process.stdout.write(`${line}\n`)
  await endOrphans(tell)
  const { undone, failed } = await sweepChanges(process.env, tell)
  if (undone === 0 && failed.length === 0) tell('nothing is left of earlier runs')
  return failed.length === 0 ? exitCodes.satisfied : exitCodes.undetermined
})
