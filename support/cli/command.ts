import { type ParseArgsConfig, parseArgs } from 'node:util'
import { distance } from 'fastest-levenshtein'
import { describeError, EnvironmentError, UsageError } from '../errors.ts'
import { redact } from '../secret.ts'

/** The exit codes of every command. */
export const exitCodes = { satisfied: 0, violated: 1, usage: 2, undetermined: 3, interrupted: 130 } as const

type Options = NonNullable<ParseArgsConfig['options']>

/** What a command takes, and what it says of itself. */
interface CommandLine<T extends Options> {
  readonly options: T
  readonly help: string
  /** Whether names may stand beside the options. */
  readonly takes?: 'FILE'
}

/**
 * The values of a command's options, and under `positionals` what stands beside them, where the command takes such.
 * @throws UsageError for an unknown option or a missing value
 */
function readArguments<const T extends Options>({ options, help, takes }: CommandLine<T>) {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: takes !== undefined, strict: true })
    return { ...values, positionals }
  } catch (error) {
    const unknown = /Unknown option '(--?[^']+)'/.exec(describeError(error))?.[1]
    const nearest =
      unknown === undefined ? undefined : nearestWords(unknown.replace(/^-+/, ''), Object.keys(options))[0]
    const hint = nearest === undefined ? '' : ` (did you mean --${nearest}?)`
    throw new UsageError(`${describeError(error)}${hint}\n\n${help}`, [], { cause: error })
  }
}

/** @throws UsageError where the text is no number above 0 */
export function positiveNumber(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${option} ${text}: expected a number above 0`)
  return value
}

/** A number of things, rounded up. @throws UsageError where the text is no number above 0 */
export function positiveCount(option: string, text: string): number {
  return Math.ceil(positiveNumber(option, text))
}

/** The words most like this one, at most three, the most alike first; none where nothing is like it. */
export function nearestWords(word: string, among: readonly string[]): string[] {
  return among
    .map(other => ({ other, distance: distance(word, other) }))
    .filter(one => one.distance <= Math.max(2, word.length / 2))
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(one => one.other)
}

/**
 * Runs a command's main function with what was asked, or prints the help where that was asked, and ends the process with
 * the exit code that it returns, or that its error asks for.
 */
export async function runCommand<const T extends Options & { readonly help: { readonly type: 'boolean' } }>(
  line: CommandLine<T>,
  main: (asked: ReturnType<typeof readArguments<T>>) => Promise<number>,
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endUnlessUnread)
  // Node would end with 1, by which a run tells of a broken promise.
  process.on('uncaughtException', error => {
    tell(error)
    process.exit(exitCodes.undetermined)
  })
  try {
    const asked = readArguments(line)
    const isHelp = 'help' in asked && asked.help === true
    if (isHelp) process.stdout.write(`${line.help}\n`)
    process.exitCode = isHelp ? exitCodes.satisfied : await main(asked)
  } catch (error) {
    tell(error)
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.undetermined
  }
}

function tell(error: unknown): void {
  const expected = error instanceof UsageError || error instanceof EnvironmentError
  const text = expected || !(error instanceof Error) ? describeError(error) : (error.stack ?? error.message)
  process.stderr.write(`${redact(text)}\n`)
}

/** Whoever read what is printed may have seen enough (`| head`); the run goes on, for its reports and its exit code. */
function endUnlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
}
