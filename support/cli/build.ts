import { UsageError } from '../errors.ts'
import { findProgram } from '../lab/program.ts'
import { clusterPrograms, type ServerName, serverProgramNames } from '../lab/servers.ts'
import { exitCodes, nearestWords, runCommand } from './command.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import { ownSignals } from './signals.ts'

const help = `Builds the programs of the labs now, with Go, into the cache folder, so that they are at hand when they are needed.

  npm run build                      all of them
  npm run build -- tempo minio       only these
  npm run build -- cluster           those of the cluster lab

  --help   this text

The programs: ${serverProgramNames.join(', ')}.
What is there already is left as it is. Exit codes: 0 all are there, 2 the request cannot be met, 3 one could not be built,
130 interrupted.`

const options = { help: { type: 'boolean', short: 'h', default: false } } as const

await runCommand({ options, help, takes: 'FILE' }, async asked => {
  const names =
    asked.positionals.length === 0 ? serverProgramNames : [...new Set(asked.positionals.flatMap(programsOf))]
  using signals = ownSignals()
  using progress = new LabProgressPrinter(process.stderr)
  const { signal } = signals
  try {
    for (const name of names) {
      const { path } = await findProgram(name, { signal, onProgress: event => progress.print(event) })
      process.stdout.write(`${path}\n`)
    }
    return exitCodes.satisfied
  } catch (error) {
    if (!signal.aborted) throw error
    return exitCodes.interrupted
  }
})

/** @throws UsageError for a word that is no program */
function programsOf(word: string): readonly ServerName[] {
  if (word === 'cluster') return clusterPrograms
  const name = serverProgramNames.find(each => each === word)
  if (name !== undefined) return [name]
  const nearest = nearestWords(word, [...serverProgramNames, 'cluster'])[0]
  throw new UsageError(
    `there is no program ${word}${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}\n\n${help}`,
  )
}
