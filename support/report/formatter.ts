import { join } from 'node:path'
import type { WriteStream } from 'node:tty'
import { Formatter, type IFormatterOptions } from '@cucumber/cucumber'
import { type Envelope, TimeConversion, type Timestamp } from '@cucumber/messages'
import { interruption } from '../interruption.ts'
import { proofsOnRecord } from '../proofs/on-record.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { exitCodeOf } from '../requirements/verdict.ts'
import { readRunEnvironment } from '../run-environment.ts'
import { redact } from '../secret.ts'
import { loadTarget } from '../target/load.ts'
import { Collector } from './collector.ts'
import { renderLine } from './line.ts'
import { type RequirementResult, type RunResult, resultsOf } from './result.ts'
import { appendLedger, writeRun } from './run-file.ts'
import { RunningScenarios, SilenceBreaker } from './running.ts'
import { type Style, styleOf } from './style.ts'
import { markOf, renderBeginning, renderSummary } from './summary.ts'

/**
 * Prints each requirement as soon as it is decided, and writes run.json and the ledger. run.json stands there from the
 * beginning, undecided: a run that dies is never taken for green.
 */
export default class RequirementFormatter extends Formatter {
  static override readonly documentation = 'Prints a verdict for each requirement, and writes run.json and the ledger.'
  readonly #collector = new Collector()
  readonly #environment = readRunEnvironment(process.env)
  // Loading the target also makes its secrets known here, so that they are kept out of all that is printed.
  readonly #target = loadTarget(this.#environment.targetFile, process.env)
  readonly #registry = loadRegistry()
  readonly #proofs = proofsOnRecord(this.#environment.reportsDirectory, this.#registry)
  #startedAt = new Date()
  #endedAt: Date | undefined
  readonly #style: Style
  #planned = false
  #begun = false
  readonly #results = new Map<string, RequirementResult>()
  readonly #running = new RunningScenarios()
  readonly #silence = new SilenceBreaker(() => this.#tellRunning())

  constructor(options: IFormatterOptions) {
    super(options)
    this.#style = styleOf(options.stream as Partial<WriteStream>)
    const run = this.#run(null)
    writeRun(this.#environment.reportsDirectory, run)
    this.#print(renderBeginning(run, this.#style))
    options.eventBroadcaster.on('envelope', (envelope: Envelope) => this.#receive(envelope))
  }

  #receive(envelope: Envelope): void {
    this.#running.receive(envelope)
    const decided = this.#collector.receive(envelope)
    // A run is told from its messages, which may be older than this process.
    if (envelope.testRunStarted !== undefined) this.#startedAt = dateOf(envelope.testRunStarted.timestamp)
    if (envelope.testRunFinished !== undefined) this.#endedAt = dateOf(envelope.testRunFinished.timestamp)
    // What a run was going to decide is written down before its first scenario can end it.
    if (envelope.testCase !== undefined && !this.#planned) {
      this.#planned = true
      setImmediate(() => this.#writePlan())
    }
    if (envelope.testCaseStarted !== undefined && !this.#begun) {
      this.#begun = true
      this.#writePlan()
    }
    for (const id of decided) {
      for (const result of this.#decide(id)) this.#print(renderLine(result, this.#style, markOf(this.#scale)))
    }
    if (envelope.testRunFinished !== undefined) this.#end()
  }

  #writePlan(): void {
    if (this.#endedAt !== undefined) return
    for (const id of this.#collector.requirements) this.#decide(id)
    writeRun(this.#environment.reportsDirectory, this.#run(null))
  }

  #decide(id: string): RequirementResult[] {
    const context = {
      registry: this.#registry,
      deviations: this.#target.deviations,
      day: this.#startedAt.toISOString().slice(0, 10),
      proofs: this.#proofs,
    }
    const results = resultsOf(id, this.#collector.verdictOf(id), this.#collector.scenariosOf(id), context)
    for (const result of results) this.#results.set(result.id, result)
    return results
  }

  #tellRunning(): void {
    for (const line of this.#running.render(this.#style)) this.log(`${redact(line)}\n`)
  }

  #end(): void {
    this.#silence.end()
    for (const id of this.#collector.requirements) this.#decide(id)
    const faulty = this.#collector.errors.length > 0
    const exitCode = exitCodeOf([...this.#results.values()], { interrupted: interruption.aborted, faulty })
    const run = this.#run(exitCode)
    const { reportsDirectory } = this.#environment
    const ledger = appendLedger(reportsDirectory, run)
    const files = [
      writeRun(reportsDirectory, run),
      ledger,
      `${join(reportsDirectory, 'allure-results')} (npm run report)`,
    ]
    this.#print(`\n${renderSummary(run, files, this.#style)}`)
  }

  get #scale(): Pick<RunResult, 'deadlineScale' | 'scaled'> {
    const { deadlineScale, deadlinesFile } = this.#environment
    return { deadlineScale, scaled: deadlineScale !== 1 || deadlinesFile !== undefined }
  }

  #run(exitCode: number | null): RunResult {
    const { runId, versions, shard } = this.#environment
    const endedAt = this.#endedAt ?? new Date()
    return {
      runId,
      target: this.#target.name,
      versions,
      ...this.#scale,
      ...(shard !== undefined && { shard }),
      startedAt: this.#startedAt.toISOString(),
      wallMs: endedAt.getTime() - this.#startedAt.getTime(),
      exitCode,
      scenarios: this.#collector.count(),
      requirements: [...this.#results.values()],
      proofsOnRecord: this.#proofs !== undefined,
      errors: [...this.#collector.errors],
    }
  }

  #print(text: string): void {
    this.#silence.heard()
    this.log(`${redact(text)}\n`)
  }
}

function dateOf(timestamp: Timestamp): Date {
  return new Date(TimeConversion.timestampToMillisecondsSinceEpoch(timestamp))
}
