import { join } from 'node:path'
import { newRunId } from './support/run-environment.ts'

// All formatters of a run tell of the same run; `npm run accept` has named it already.
process.env.ACCEPT_RUN_ID ??= newRunId()

/** The suite's own configuration of Cucumber; `npm run accept` adds the selection and the target to it. */
export default {
  import: ['support/hooks.ts', 'steps/*.ts'],
  // What waits longest begins first.
  paths: ['features/**/storage.feature', 'features/**/*.feature'],
  parallel: Number(process.env.ACCEPT_PARALLEL ?? 8),
  format: [
    './support/report/formatter.ts',
    ['./support/report/allure.ts', join(process.env.ACCEPT_REPORTS ?? 'reports', 'allure.log')],
  ],
  publishQuiet: true,
}
