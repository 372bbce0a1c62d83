import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { entriesOf } from '../board/entries.ts'
import { boardPage } from '../board/page.ts'
import { EnvironmentError } from '../errors.ts'
import { readProofs } from '../proofs/proofs-file.ts'
import { redact } from '../secret.ts'
import { readTrace } from '../trace/read.ts'
import { exitCodes, runCommand } from './command.ts'

const help = `Writes a page that shows every requirement: its sentence and source, its scenarios, its last verdict, its proof, its history.

  npm run board
  npm run board -- --reports FOLDER --out FILE

  --reports FOLDER  where runs and proofs wrote; default reports
  --out FILE        the page, one file that needs no server; default board/index.html in that folder
  --help            this text

Exit codes: 0 the page is written; 2 the registry or the features cannot be used; 3 the page cannot be written.`

const options = {
  reports: { type: 'string', default: 'reports' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

await runCommand({ options, help }, async asked => {
  const reports = resolve(asked.reports)
  const { registry, matrix, unreadable } = readTrace(reports)
  for (const place of unreadable) process.stderr.write(`${place} cannot be read, and is left out\n`)
  const entries = entriesOf(matrix, registry.byId, readProofs(reports)?.requirements ?? [])
  const page = boardPage({ entries, systems: registry.systems, made: new Date() })
  const file = asked.out === undefined ? join(reports, 'board', 'index.html') : resolve(asked.out)
  write(file, redact(page))
  process.stdout.write(`${entries.length} requirements: ${relative(process.cwd(), file)}\n`)
  return exitCodes.satisfied
})

function write(file: string, page: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, page)
  } catch (cause) {
    throw new EnvironmentError(`${file} cannot be written`, { cause })
  }
}
