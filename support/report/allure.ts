import { EventEmitter } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { IFormatterOptions } from '@cucumber/cucumber'
import type { Envelope } from '@cucumber/messages'
import * as allure from 'allure-cucumberjs/reporter'
import { Status } from 'allure-js-commons'
import type { Category } from 'allure-js-commons/sdk'
import { proofsOnRecord } from '../proofs/on-record.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { type RunEnvironment, readRunEnvironment } from '../run-environment.ts'
import { loadTarget } from '../target/load.ts'
import { labelResult, type TestResult } from './allure-labels.ts'
import { Collector } from './collector.ts'
import { withoutSecrets } from './redacted-envelope.ts'

// Its types describe its CommonJS form; as an ES module its default export is the class itself.
const AllureCucumberReporter = allure.default as unknown as typeof allure.default.default

const categories: Category[] = [
  { name: 'Broken promises', matchedStatuses: [Status.FAILED] },
  { name: 'Kept from deciding (environment or harness)', matchedStatuses: [Status.BROKEN] },
  { name: 'Not applicable to this target', matchedStatuses: [Status.SKIPPED] },
]

/**
 * Allure's reporter for Cucumber, told about requirements, target and versions. It is configured here and not in
 * cucumber.js, since Cucumber copies its format options into worker threads, which functions do not survive.
 */
// biome-ignore lint/style/noDefaultExport: Cucumber takes a formatter from the default export of its file
export default class RequirementAllureReporter extends AllureCucumberReporter {
  constructor(options: IFormatterOptions) {
    const environment = readRunEnvironment(process.env)
    const { targetFile, runId, versions, reportsDirectory } = environment
    const resultsDir = join(reportsDirectory, 'allure-results')
    // Results of earlier runs would be shown as retries of this one's.
    rmSync(resultsDir, { recursive: true, force: true })
    const registry = loadRegistry()
    const proofs = proofsOnRecord(reportsDirectory, registry)
    const collector = new Collector()
    let verdict = collector.verdictOfScenario('')
    const told = new EventEmitter()
    options.eventBroadcaster.on('envelope', (envelope: Envelope) => {
      collector.receive(envelope)
      // Allure writes a scenario's result while it is told that the scenario has ended.
      if (envelope.testCaseFinished !== undefined) {
        verdict = collector.verdictOfScenario(envelope.testCaseFinished.testCaseStartedId)
      }
      told.emit('envelope', readable(withoutSecrets(envelope)))
    })
    super({
      ...options,
      eventBroadcaster: told,
      parsedArgvOptions: {
        ...options.parsedArgvOptions,
        resultsDir,
        categories,
        environmentInfo: {
          run: runId,
          target: loadTarget(targetFile, process.env).name,
          ...versions,
          'deadline scale': describeScale(environment),
          node: process.version,
        },
        listeners: [{ beforeTestResultWrite: (result: TestResult) => labelResult(result, verdict, registry, proofs) }],
      },
    })
  }
}

function describeScale({ deadlineScale, deadlinesFile }: RunEnvironment): string {
  const scale = deadlinesFile === undefined ? String(deadlineScale) : `${deadlineScale}, and deadlines one by one`
  return scale === '1' ? scale : `${scale} (scaled: no statement of conformance)`
}

/** Cucumber puts the stack into the message, and the stack names every error of ours just "Error". */
function readable(envelope: Envelope): Envelope {
  const finished = envelope.testStepFinished
  const exception = finished?.testStepResult.exception
  if (finished === undefined || exception === undefined) return envelope
  const { type, message = type, stackTrace = '' } = exception
  const named = { ...exception, stackTrace: stackTrace.replace(/^\w*Error: /, `${type}: `) }
  return {
    ...envelope,
    testStepFinished: { ...finished, testStepResult: { ...finished.testStepResult, message, exception: named } },
  }
}
