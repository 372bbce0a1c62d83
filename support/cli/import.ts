import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, extname, join, relative, resolve } from 'node:path'
import { describeError, EnvironmentError, UsageError } from '../errors.ts'
import { type Imported, importDocument } from '../import/document.ts'
import { sectionFile } from '../import/files.ts'
import { project } from '../proofs/scenario-texts.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { exitCodes, nearestWords, runCommand } from './command.ts'

const help = `Makes requirements of a Markdown document: a folder of the registry, with a file for each of its sections.

  npm run import -- tasks.md
  npm run import -- tasks.md --prefix payments --system kubernetes

  --prefix NAME  the first part of every id, and the folder's name; default: the name of the file
  --title TEXT   the document's title; default: its first heading
  --system NAME  what a requirement is about that names no system of fixtures/requirements/systems.yaml, nor does a heading
  --out FOLDER   where the files go; default fixtures/requirements/<prefix>, where the suite reads them
  --force        replaces the files of a folder that is there
  --dry-run      tells what it would write
  --help         this text

It reads sentences with SHALL (WHEN, WHERE, IF, WHILE, or none of them) or SHOULD, in lists, tables and paragraphs, and
criteria without: checkboxes, and lists that are introduced as criteria. Checkboxes that are introduced as tasks, steps or
notes count only where their section has nothing else. Ids are the document's own: DoD-002-01 under TASK-002 becomes
<prefix>.002.1, T014 <prefix>.T014.1; what bears none is counted within its section.

Guessed, for people to look at: the kind (a path, a file or a folder: repository; pods, nodes, claims and other objects:
cluster; reviews and plans: human; else runtime), the system (that is named first where the sentence tells who shall, else
in it, else in the headings above it), the deadline (the first duration after "within", "less than", "<" and the like),
and whether it disrupts (restart, kill, drain, ...). All but what people judge is "later: planned".

Exit codes: 0 written; 2 the document or an option cannot be used: everything that is wrong is listed; 3 nothing can be
written there.`

const options = {
  prefix: { type: 'string' },
  title: { type: 'string' },
  system: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

await runCommand({ options, help, takes: 'FILE' }, async ({ positionals, ...asked }) => {
  const [file] = positionals
  if (file === undefined) throw new UsageError('expected a document: npm run import -- tasks.md')
  const { systems } = loadRegistry()
  const prefix = asked.prefix ?? prefixOf(file)
  const out = resolve(asked.out ?? join(project, 'fixtures/requirements', prefix))
  const faults: string[] = []
  if (positionals.length !== 1)
    faults.push(`expected one document, got ${positionals.length}: npm run import -- tasks.md`)
  const markdown = readDocument(file, faults)
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(prefix)) {
    faults.push(`--prefix ${prefix || '(empty)'}: expected letters, digits and dashes, such as payments`)
  }
  if (asked.system !== undefined && !Object.hasOwn(systems, asked.system)) {
    const nearest = nearestWords(asked.system, Object.keys(systems)).join(', ')
    faults.push(
      `--system ${asked.system}: stands not in systems.yaml${nearest === '' ? '' : `; did you mean ${nearest}?`}`,
    )
  }
  if (!asked.force && !asked['dry-run'] && existsSync(out)) {
    faults.push(`${shown(out)} is there already; --force replaces its files, --prefix or --out names another`)
  }
  const imported =
    markdown === undefined
      ? undefined
      : importDocument(markdown, { prefix, title: asked.title, system: asked.system, systems })
  if (imported !== undefined) faults.push(...faultsOf(imported, file))
  if (faults.length > 0 || imported === undefined) {
    throw new UsageError('Nothing was imported:', faults)
  }

  const files = imported.sections.map(section => ({
    name: `${section.name}.yaml`,
    text: sectionFile(section, relative(out, join(project, 'fixtures/requirements.schema.json'))),
  }))
  check(prefix, files)
  for (const { line, text, reason } of imported.unread)
    process.stdout.write(`${file}:${line}: not read: ${text}\n  it ${reason}\n`)
  if (!asked['dry-run']) write(out, files)
  process.stdout.write(`${summary(imported, files.length, shown(out), asked['dry-run'])}\n`)
  return exitCodes.satisfied
})

function prefixOf(file: string): string {
  const words =
    basename(file, extname(file))
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  return words.join('-')
}

function readDocument(file: string, faults: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    faults.push(`${file} cannot be read: ${describeError(error)}`)
    return undefined
  }
}

function faultsOf({ sections, faults, unread }: Imported, file: string): string[] {
  const wrong = faults.map(({ line, text }) => `${file}:${line}: ${text}`)
  if (sections.length > 0) return wrong
  const left = unread.map(({ line, text, reason }) => `${file}:${line}: ${text}: it ${reason}`)
  return [...wrong, `${file}: has neither a sentence with SHALL nor a checkbox that can be read`, ...left]
}

/** What was made is read as the suite will read it, before anything is written. */
function check(prefix: string, files: readonly { name: string; text: string }[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  try {
    cpSync(join(project, 'fixtures/requirements/systems.yaml'), join(folder, 'systems.yaml'))
    mkdirSync(join(folder, prefix))
    for (const { name, text } of files) writeFileSync(join(folder, prefix, name), text)
    loadRegistry(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function write(out: string, files: readonly { name: string; text: string }[]): void {
  try {
    for (const name of globSync('*.yaml', { cwd: out })) rmSync(join(out, name))
    mkdirSync(out, { recursive: true })
    for (const { name, text } of files) writeFileSync(join(out, name), text)
  } catch (error) {
    throw new EnvironmentError(`${shown(out)} cannot be written: ${describeError(error)}`, { cause: error })
  }
}

function summary(imported: Imported, files: number, out: string, dry: boolean): string {
  const { found, kinds, withDeadline, withoutSubject, unread } = imported
  const all = found.sentence + found.criterion
  const perKind = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`)
  const lines = [
    `${all} requirements (${found.sentence} from sentences, ${found.criterion} from criteria) in ${files} files: ${perKind.join(', ')}`,
    `${withDeadline} have a deadline; ${unread.length} lines were not read`,
  ]
  if (withoutSubject > 0) {
    lines.push(`${withoutSubject} do not tell who shall; their interpretation tells what was put there`)
  }
  lines.push(dry ? `would be written: ${out}` : `written: ${out}`)
  if (!dry) lines.push('Read what was guessed; then npm run trace -- --write')
  return lines.join('\n')
}

function shown(path: string): string {
  const way = relative(process.cwd(), path)
  return way.startsWith('..') ? path : way
}
