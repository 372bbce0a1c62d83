import { join } from 'node:path'
import { loadScenarios } from './support/gherkin/features.ts'
import { filesInOrder } from './support/gherkin/order.ts'
import { newRunId } from './support/run-environment.ts'

// All formatters of a run tell of the same run; `npm run accept` has named it already.
process.env.ACCEPT_RUN_ID ??= newRunId()
const reports = process.env.ACCEPT_REPORTS ?? 'reports'

const run = {
  import: ['support/hooks.ts', 'steps/*.ts'],
  paths: filesInOrder(loadScenarios(import.meta.dirname)),
  parallel: Number(process.env.ACCEPT_PARALLEL ?? 8),
  // Only a part of the scenarios, such as 2/3.
  shard: process.env.ACCEPT_SHARD ?? '',
  format: ['./support/report/formatter.ts'],
  publishQuiet: true,
}

/** The suite's own configuration of Cucumber; `npm run accept` adds the selection and the target to it. */
export default {
  ...run,
  format: [
    ...run.format,
    ['./support/report/allure.ts', join(reports, 'allure.log')],
    ['./support/report/messages.ts', join(reports, 'messages.ndjson')],
  ],
}

/** Runs of `npm run prove`: what they find is read at once, and nobody looks at a report of them. */
export const proof = run
