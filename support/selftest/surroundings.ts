import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { labsFolder } from '../folders.ts'
import { directoryPrefix, type LabRecord, readRecord } from '../lab/lab-record.ts'
import { Command } from './command.ts'

/** The control socket of a lab lies in it, and macOS's own temporary folder would make its path too long. */
const parent = process.platform === 'darwin' ? '/tmp' : tmpdir()

type Words = [program: string, ...options: string[]]

/** Elsewhere the data folder is the user's own, whatever the environment says. */
const ownData = process.platform === 'linux'

/**
 * What the commands under test have for themselves: a temporary folder, folders for reports, and (on Linux) a data folder
 * with the undo journal and the records of labs, so that they do not meddle with other runs on this machine.
 */
export class Surroundings implements AsyncDisposable {
  readonly folder = mkdtempSync(join(parent, 'selftest-'))
  /** The project's data folder. */
  readonly data = ownData ? join(this.folder, 'data', 'observability-acceptance') : dirname(labsFolder)
  readonly #commands: Command[] = []
  #reports = 0

  /** Starts `accept`; its reports go to a folder of this run alone. */
  accept(options: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
    return this.run(reports => this.acceptWords(options, reports), environment)
  }

  /** What starts `accept`, word by word. */
  acceptWords(options: readonly string[], reports: string): Words {
    return [process.execPath, 'support/cli/accept.ts', ...options, '--reports', reports]
  }

  sweep(environment: Readonly<Record<string, string>> = {}): Command {
    return this.run(() => [process.execPath, 'support/cli/sweep.ts'], environment)
  }

  /** Starts a program, which is told where its reports go in its arguments or, as Cucumber is, in its environment. */
  run(words: (reports: string) => Words, environment: Readonly<Record<string, string>>): Command {
    this.#reports += 1
    const reports = join(this.folder, `reports-${this.#reports}`)
    const [program, ...options] = words(reports)
    const all = this.#environment({ ACCEPT_REPORTS: reports, ...environment })
    const command = new Command(program, options, all, reports)
    this.#commands.push(command)
    return command
  }

  #environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const foreign = /^(ACCEPT_|NODE_TEST_CONTEXT$|FORCE_COLOR$|NO_COLOR$)/
    const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name))
    const data = ownData ? { XDG_DATA_HOME: dirname(this.data) } : {}
    return { ...Object.fromEntries(inherited), TMPDIR: this.folder, ...data, ...more }
  }

  /** The records of labs that were started from here, and of which something may still run. */
  labRecords(): LabRecord[] {
    const folder = join(this.data, basename(labsFolder))
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .flatMap(name => readRecord(join(folder, name)) ?? [])
      .filter(({ directory }) => dirname(directory).endsWith(this.folder))
  }

  /** The folders of labs that are there. */
  labFolders(): string[] {
    return readdirSync(this.folder).filter(name => name.startsWith(directoryPrefix))
  }

  /** Ends what a failed test has left running, and deletes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const command of this.#commands) await command.end()
    if (this.labRecords().length > 0) await this.sweep().ended
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
