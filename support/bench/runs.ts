import { join } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { type CommandOptions, measureCommand } from './command.ts'
import type { Figure } from './figure.ts'
import { mostAtATime, scenarioTimes } from './overlap.ts'

const traceSelection = '@tempo and not @slow'
const metricSelection = '@mimir and not @slow'
const dryRuns = 5

type Options = Omit<CommandOptions, 'onStart'>

/** A whole run of Mimir's scenarios, those with a Prometheus before it too, on servers that are built already. */
export async function measureMetricRun(folder: string, options: Options): Promise<Figure[]> {
  const reports = join(folder, 'accept-metrics')
  const { elapsedMs } = await measureCommand(
    'npm',
    ['run', 'accept', '--', '--tags', metricSelection, '--reports', reports],
    options,
  )
  const { length } = scenarioTimes(join(reports, 'allure-results'))
  const note = `npm run accept -- --tags "${metricSelection}", ${length} scenarios, to its exit`
  return [{ name: 'a run of metrics', measured: elapsedMs, unit: 'ms', limit: 'at most', bound: 45_000, note }]
}

/** A whole run on a lab of servers that are built already: its length, its first answer, its scenarios at a time. */
export async function measureAccept(folder: string, options: Options): Promise<Figure[]> {
  const reports = join(folder, 'accept')
  let firstAnswerMs: number | undefined
  const { elapsedMs } = await measureCommand(
    'npm',
    ['run', 'accept', '--', '--tags', traceSelection, '--reports', reports],
    {
      ...options,
      onLine: (line, atMs) => {
        if (/^tempo: ready\b/.test(line)) firstAnswerMs ??= atMs
        options.onLine?.(line, atMs)
      },
    },
  )
  if (firstAnswerMs === undefined) throw new EnvironmentError('the run never told that its Tempo was ready')
  const times = scenarioTimes(join(reports, 'allure-results'))
  const command = `npm run accept -- --tags "${traceSelection}"`
  return [
    {
      name: 'a run',
      measured: elapsedMs,
      unit: 'ms',
      limit: 'at most',
      bound: 30_000,
      note: `${command}, to its exit`,
    },
    {
      name: 'first answer of Tempo',
      measured: firstAnswerMs,
      unit: 'ms',
      limit: 'at most',
      bound: 3_000,
      note: 'in it',
    },
    {
      name: 'scenarios at a time',
      measured: mostAtATime(times),
      unit: 'scenarios',
      limit: 'at least',
      bound: 4,
      note: `in it, of ${times.length}`,
    },
  ]
}

/** What a person waits for who only asks what would run. */
export async function measureDryRun(options: Options): Promise<Figure[]> {
  const elapsed: number[] = []
  for (let run = 0; run < dryRuns; run += 1) {
    const { elapsedMs, stdout } = await measureCommand('npm', ['run', 'accept', '--', '--dry-run'], options)
    if (!/\d+ scenarios would run/.test(stdout))
      throw new EnvironmentError(`the dry run told of no scenario:\n${stdout}`)
    elapsed.push(elapsedMs)
  }
  elapsed.sort((left, right) => left - right)
  const [median = Number.NaN, slowest = Number.NaN] = [elapsed[Math.floor(dryRuns / 2)], elapsed.at(-1)]
  const note = `npm run accept -- --dry-run, to its exit; median of ${dryRuns}, the slowest ${Math.round(slowest)} ms`
  return [{ name: 'a dry run', measured: median, unit: 'ms', limit: 'at most', bound: 1_500, note }]
}
