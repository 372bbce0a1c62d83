import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { positiveCount, runCommand } from './command.ts'
import { mergeReports } from './merging.ts'

const help = `Makes one report of several runs, each of which ran a part of the scenarios: requirement by requirement, as one run would have
decided it. A scenario that no run has ended keeps its requirement undetermined.

  npm run accept -- --target home.yaml --tags @tempo --shard 1/2 --reports one
  npm run accept -- --target home.yaml --tags @tempo --shard 2/2 --reports two
  npm run merge -- one two --target home.yaml --tags @tempo

  --target FILE       the target of all of them
  --tags EXPRESSION   which scenarios they were to run; default: all
  --profile NAME      likewise; states how much of it is kept
  --shards COUNT      how many shards there were to be; default: as they tell
  --reports FOLDER    where the report goes; default reports
  --help              this text

Exit codes: those of npm run accept, for the whole.`

const options = {
  target: { type: 'string' },
  tags: { type: 'string', short: 't' },
  profile: { type: 'string' },
  shards: { type: 'string' },
  reports: { type: 'string', default: 'reports' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

await runCommand({ options, help, takes: 'FILE' }, async asked => {
  if (asked.positionals.length === 0) throw new UsageError(`the folders of the runs are not named\n\n${help}`)
  if (asked.target === undefined) throw new UsageError('--target FILE is missing: the target of all the runs')
  const shards = asked.shards === undefined ? undefined : positiveCount('--shards', asked.shards)
  const { target, tags, profile, reports } = asked
  return await mergeReports(asked.positionals, { target, tags, profile, shards, reports: resolve(reports) })
})
