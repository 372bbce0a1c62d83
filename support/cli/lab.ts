import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvironmentError, UsageError } from '../errors.ts'
import { innerSocketName, type Lab, startLab } from '../lab/lab.ts'
import { labSystems } from '../lab/lab-systems.ts'
import { endOrphans } from '../lab/orphans.ts'
import { programVariable, type ServerName } from '../lab/servers.ts'
import { labMark } from '../lab/target-file.ts'
import { type ServerSystemName, serverNames } from '../system-names.ts'
import { exitCodes, runCommand } from './command.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import { ownSignals } from './signals.ts'

const help = `Keeps a lab running until Ctrl-C, on the usual ports: MinIO 9000${usualPorts()}.

  npm run lab
  npm run lab -- --systems tempo,mimir --out FILE

  --systems NAMES   which run beside MinIO, of ${serverNames.join(', ')}; default: all
  --out FILE        where the target file goes, with an environment file beside it; default reports/lab/target.yaml
  --help            this text

A server's program is the one that ${['minio', ...serverNames].map(name => programVariable(name as ServerName)).join(', ')} names, else the pinned version is built with Go once.
Exit codes: 0 after this text, 2 the request cannot be met, 3 the lab could not be started, 130 ended by a signal.`

const options = {
  systems: { type: 'string', default: serverNames.join(',') },
  out: { type: 'string', default: 'reports/lab/target.yaml' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** What a person tries first: Tempo's answers for traces lack a span, until the rule is taken back. */
const exampleRule = `[{"at": "tempo.http", "when": {"path": "^/api/traces/"},
       "do": {"response": [{"drop": "batches.-1.scopeSpans.-1.spans.-1"}]}}]`

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

await runCommand({ options, help }, async asked => {
  using signals = ownSignals()
  try {
    await keepLab(readSystems(asked.systems), resolve(asked.out), signals.signal)
  } catch (error) {
    if (!signals.signal.aborted) throw error
  }
  tell('the lab has ended')
  return exitCodes.interrupted
})

async function keepLab(systems: readonly ServerSystemName[], targetFile: string, signal: AbortSignal): Promise<void> {
  const environmentFile = `${targetFile.replace(/\.ya?ml$/, '')}.env`
  for (const file of [targetFile, environmentFile]) refuseForeign(file)
  await endOrphans(tell)
  const progress = new LabProgressPrinter(process.stderr)
  await using lab = await startLab({
    systems,
    ports: 'usual',
    signal,
    onProgress: event => progress.print(event),
  }).finally(() => progress[Symbol.dispose]())
  using files = new DisposableStack()
  for (const [file, text] of [
    [targetFile, readFileSync(lab.targetFile, 'utf8')],
    [environmentFile, exportLines(lab.environment)],
  ] as const) {
    // They speak of a lab that is gone, once it is.
    files.defer(() => rmSync(file, { force: true }))
    writePrivate(file, text)
  }
  tell(usage(lab, systems, targetFile, environmentFile))
  let known = 0
  while (!signal.aborted) {
    await pause(1_000, undefined, { signal })
    const incidents = lab.incidents()
    for (const { name, at, exit } of incidents.slice(known)) tell(`${at} ${name} ended (${exit}) and was started again`)
    known = incidents.length
  }
}

function usage(lab: Lab, systems: readonly ServerSystemName[], targetFile: string, environmentFile: string): string {
  const [target, environment] = [targetFile, environmentFile].map(file => relative(process.cwd(), file) || file)
  return `The lab is running: ${Object.entries(lab.versions)
    .map(entry => entry.join(' '))
    .join(', ')}.

${systems
  .flatMap(name => labSystems[name].ports)
  .map(({ use, usual }) => `  ${use.padEnd(17)}127.0.0.1:${usual}`)
  .join('\n')}
  MinIO            https://127.0.0.1:9000, certificate authority ${lab.directory}/ca.crt
  logs             ${lab.directory}/*/*.log

In another shell:

  source ${environment}
  npm run accept -- --target ${target}

${systems.includes('tempo') ? exampleOfFault(lab) : ''}Ctrl-C ends it and deletes all that it wrote.`
}

function exampleOfFault(lab: Lab): string {
  return `A fault between the suite and these systems, here a span that every answer for a trace lacks; GET tells how often each
rule has struck, DELETE takes them all back (support/faults/rule.ts has what rules can do):

  curl --unix-socket ${join(lab.directory, innerSocketName)} -X PUT http://lab/rules -d \\
    '${exampleRule}'

`
}

function usualPorts(): string {
  return serverNames
    .flatMap(name => labSystems[name].ports)
    .map(({ use, usual }) => `, ${use} ${usual}`)
    .join('')
}

/** @throws UsageError naming what is no system of the lab */
function readSystems(list: string): ServerSystemName[] {
  const names = list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  const known: readonly string[] = serverNames
  const unknown = names.filter(name => !known.includes(name))
  if (names.length === 0 || unknown.length > 0) {
    throw new UsageError(`--systems ${list}: expected one or more of ${serverNames.join(', ')}, with commas between`)
  }
  return serverNames.filter(name => names.includes(name))
}

function exportLines(environment: Lab['environment']): string {
  return [labMark, ...Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`), ''].join('\n')
}

/** The files are deleted in the end, so they must not be somebody's own. */
function refuseForeign(file: string): void {
  if (existsSync(file) && !readFileSync(file, 'utf8').startsWith(labMark)) {
    throw new UsageError(`${file} is there already and was not written by a lab; give another --out`)
  }
}

/** For its owner's eyes only, even where the file was there before. */
function writePrivate(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    rmSync(file, { force: true })
    const descriptor = openSync(file, 'wx', 0o600)
    try {
      writeFileSync(descriptor, text)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw new EnvironmentError(`${file} cannot be written`, { cause: error })
  }
}
