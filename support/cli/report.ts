import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describeError, EnvironmentError, UsageError } from '../errors.ts'
import { exitCodes, runCommand } from './command.ts'

const help = `Makes one page to read, which needs no server and no network, of the last run.

  npm run report                    reports/allure/index.html
  npm run report -- --open          and shows it in the browser

  --reports FOLDER                  where the run wrote; default reports
  --open                            opens the page
  --help                            this text

Exit codes: 0 the page was made, 2 there is nothing to make it of, 3 it could not be made.`

const options = {
  reports: { type: 'string', default: 'reports' },
  open: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Beside the entry point of the package, which has no other way in than its command. */
const allure = fileURLToPath(new URL('../cli.js', import.meta.resolve('allure')))

await runCommand({ options, help }, async asked => {
  const reports = resolve(asked.reports)
  const results = join(reports, 'allure-results')
  if (!existsSync(results) || !readdirSync(results).some(name => name.endsWith('-result.json'))) {
    throw new UsageError(`There are no results in ${relative(process.cwd(), results)}; run npm run accept first.`)
  }
  const page = await makePage(reports, results)
  process.stdout.write(`${relative(process.cwd(), page)}\n`)
  if (asked.open) await show(page)
  return exitCodes.satisfied
})

/** @throws EnvironmentError where Allure cannot make it */
async function makePage(reports: string, results: string): Promise<string> {
  const folder = join(reports, 'allure')
  rmSync(folder, { recursive: true, force: true })
  const name = ['--report-name', titleOf(join(reports, 'run.json'))]
  const shape = ['--single-file', '--group-by', 'epic,feature,story', '--hide-labels', '_fallbackTestCaseId']
  try {
    await execa(process.execPath, [allure, 'awesome', results, '--output', folder, ...name, ...shape], {
      cwd: reports,
      all: true,
    })
  } catch (error) {
    throw new EnvironmentError(`Allure could not make the page of ${results}: ${describeError(error)}`, {
      cause: error,
    })
  }
  const page = join(folder, 'index.html')
  writeFileSync(page, withoutNetwork(readFileSync(page, 'utf8')))
  return page
}

/**
 * Allure's page reports every reader to a web analytics service; what runs of private systems found is nobody else's
 * business. A page may forbid itself to load anything (https://www.w3.org/TR/CSP3/#meta-element).
 * @throws EnvironmentError where the page is built otherwise
 */
function withoutNetwork(html: string): string {
  const policy = "default-src data: blob: 'unsafe-inline' 'unsafe-eval'"
  const closed = html.replace(/<head>/, `$&<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  if (closed === html)
    throw new EnvironmentError('The page that Allure made has no head, so it cannot be kept off the network.')
  return closed
}

/** Whose results these are; a scaled run says so on top of its page. */
function titleOf(runFile: string): string {
  try {
    const run = JSON.parse(readFileSync(runFile, 'utf8')) as { runId: string; target: string; deadlineScale: number }
    const scaled = run.deadlineScale === 1 ? '' : ` (SCALED × ${run.deadlineScale}: no statement of conformance)`
    return `Observability acceptance of ${run.target}, run ${run.runId}${scaled}`
  } catch {
    return 'Observability acceptance'
  }
}

async function show(page: string): Promise<void> {
  const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['cmd', '/c', 'start', ''],
  }
  const [command, ...given] = openers[process.platform] ?? ['xdg-open']
  try {
    await execa(command, [...given, page], { timeout: 10_000 })
  } catch (error) {
    throw new EnvironmentError(`The page is made, but ${command} could not open it: ${describeError(error)}`, {
      cause: error,
    })
  }
}
