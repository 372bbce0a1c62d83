import { randomInt } from 'node:crypto'
import { relative, resolve } from 'node:path'
import { formatDuration } from '../duration.ts'
import { loadScenarios } from '../gherkin/features.ts'
import { selectScenarios } from '../gherkin/selection.ts'
import { endOrphans } from '../lab/orphans.ts'
import { type NoiseRun, writeNoise } from '../noise/noise-file.ts'
import { runSeries } from '../noise/schedule.ts'
import { asksOf, describeStrike, type NoiseStrike } from '../noise/strike.ts'
import { project, readScenarioTexts } from '../proofs/scenario-texts.ts'
import { isInLab, labSystemNames } from '../system-names.ts'
import { requirementOf, systemsOf } from '../tags.ts'
import { exitCodes, nearestWords, positiveCount, positiveNumber, runCommand } from './command.ts'
import { keepCompiled } from './compile-cache.ts'
import { putForeignBlock } from './noise-foreign.ts'
import { NoisyLab } from './noisy-lab.ts'
import { ProvingLab } from './prove-lab.ts'
import { ownSignals } from './signals.ts'

const help = `Proves that noise gives no false alarm: runs the scenarios on the lab while requests that ask are reset, refused for
the moment, slow or cut off, while another suite runs beside them, and with other people's data in the bucket.

  npm run noise                            20 runs of all scenarios, from a seed that is printed
  npm run noise -- --runs 3 --tags "@tempo and not @slow"
  npm run noise -- --seed 4711 --path 7:2  one schedule of a series again, as a false alarm tells it (with the same --tags)

  --runs COUNT        runs in a row; default 20
  --seed NUMBER       the series of schedules; default: a new one
  --path PATH         only this schedule of the series
  --tags EXPRESSION   which scenarios; default: all
  --reports FOLDER    where noise.json goes; default reports
  --help              this text

Pushes are never struck, and each ask so seldom that it gets through within any deadline. After a false alarm the schedule is
made as small as it can be while it still gives one.
Exit codes: 0 no false alarm, 1 a false alarm, 2 the request cannot be met, 3 the runs could not be made, 130 interrupted.`

const options = {
  runs: { type: 'string', default: '20' },
  seed: { type: 'string' },
  path: { type: 'string' },
  tags: { type: 'string', short: 't' },
  reports: { type: 'string', default: 'reports' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Making a schedule smaller ends after that time. */
const longestMs = 3 * 3_600_000

await runCommand({ options, help }, async asked => {
  keepCompiled()
  const runs = positiveCount('--runs', asked.runs)
  const seed = asked.seed === undefined ? randomInt(1, 2 ** 31) : Math.round(positiveNumber('--seed', asked.seed))
  const chosen = selectScenarios(loadScenarios(project), { tags: asked.tags, requirements: [] }, nearestWords)
  // What is about a cluster does not apply to the lab.
  const selected = chosen.filter(({ tags }) => systemsOf(tags).every(isInLab))
  const requirements = [...new Set(selected.flatMap(({ tags }) => requirementOf(tags) ?? []))]
  const systems = labSystemNames.filter(name => selected.some(({ tags }) => systemsOf(tags).includes(name)))
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const tell = (line: string) => void process.stderr.write(`${line}\n`)
  const tags = asked.tags === undefined ? '' : ` --tags "${asked.tags}"`
  print(`noise from seed ${seed}: ${runs} runs of ${requirements.length} requirements`)

  using signals = ownSignals()
  const { signal } = signals
  const when = new Date().toISOString()
  const done: NoiseRun[] = []
  try {
    await endOrphans(tell)
    await using proving = await ProvingLab.start({ systems, signal, tell })
    await putForeignBlock(proving.lab)
    const lab = new NoisyLab(proving, readScenarioTexts(), requirements)
    let broken: unknown
    const quiet = async (strikes: readonly NoiseStrike[]): Promise<void> => {
      // A run that could not be made is no false alarm, and ends the series.
      if (broken !== undefined || signal.aborted) return
      const run = await lab.run(strikes).catch((error: unknown) => {
        broken = error
      })
      if (run === undefined) return
      done.push(run)
      const how = run.alarms.length === 0 ? 'quiet' : `FALSE ALARM: ${run.alarms.join('; ')}`
      print(
        `run ${done.length}: ${strikes.length} kinds of noise struck ${run.struck} times, ${formatDuration(run.tookMs)}, ${how}`,
      )
      if (run.alarms.length > 0) throw new Error(run.alarms.join('\n'))
    }
    const series = {
      seed,
      asks: asksOf(systems),
      runs: asked.path === undefined ? runs : 1,
      ...(asked.path !== undefined && { path: asked.path }),
    }
    const failure = await runSeries(series, quiet, longestMs)
    signal.throwIfAborted()
    if (broken !== undefined) throw broken
    const { versions } = proving
    const file = writeNoise(resolve(asked.reports), {
      when,
      seed,
      versions,
      runs: done,
      smallest: failure?.strikes ?? null,
    })
    if (failure === undefined) print(`no false alarm in ${done.length} runs`)
    else {
      print(`a false alarm: ${failure.reason}`)
      for (const strike of failure.strikes) print(`  ${describeStrike(strike)}`)
      print(`again: npm run noise -- --seed ${seed} --path ${failure.path}${tags}`)
    }
    print(`written: ${relative(process.cwd(), file)}`)
    return failure === undefined ? exitCodes.satisfied : exitCodes.violated
  } catch (error) {
    if (!signal.aborted) throw error
    tell('interrupted; everything that was started has been ended')
    return exitCodes.interrupted
  }
})
