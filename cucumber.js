/** The suite's own configuration of Cucumber; `npm run accept` adds the selection and the target to it. */
export default {
  import: ['support/hooks.ts', 'steps/*.ts'],
  paths: ['features/**/*.feature'],
  parallel: Number(process.env.ACCEPT_PARALLEL ?? 8),
  format: [
    './support/report/formatter.ts',
    ['allure-cucumberjs/reporter', 'reports/allure.log'],
  ],
  formatOptions: { resultsDir: 'reports/allure-results' },
  publishQuiet: true,
}
