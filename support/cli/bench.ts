import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Figure, isWithin, ratioOf, renderFigures } from '../bench/figure.ts'
import { UsageError } from '../errors.ts'
import type { ServerName } from '../lab/servers.ts'
import { exitCodes, nearestWords, runCommand } from './command.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import { ownSignals } from './signals.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** What each measurement is given. */
interface Bench {
  /** To write to; deleted in the end. */
  readonly folder: string
  readonly signal: AbortSignal
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const measurements: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  'dry-run': async ({ signal }) => {
    const { measureDryRun } = await import('../bench/runs.ts')
    return await measureDryRun({ project, signal })
  },
  registry: async ({ folder }) => {
    const { measureRegistry } = await import('../bench/registry.ts')
    return measureRegistry(folder)
  },
  waits: async ({ signal }) => {
    const { measureWaits } = await import('../bench/waits.ts')
    return await measureWaits(signal)
  },
  idle: async ({ folder, signal }) => {
    const { measureIdle } = await import('../bench/idle.ts')
    const figures = await measureIdle(project, folder, signal)
    if (figures.length === 0) tell('idle: this system does not tell how busy a process is; nothing was measured')
    return figures
  },
  proxy: async ({ folder, signal }) => {
    const [{ measureProxy }, { startProxiedServers }] = await Promise.all([
      import('../bench/proxy.ts'),
      import('./proxied-servers.ts'),
    ])
    await warmUp(signal)
    await using servers = await startProxiedServers(folder, signal)
    return await measureProxy(servers, signal)
  },
  accept: async ({ folder, signal }) => {
    const { measureAccept } = await import('../bench/runs.ts')
    await warmUp(signal)
    return await measureAccept(folder, { project, signal, onLine: line => tell(`  ${line}`) })
  },
  metrics: async ({ folder, signal }) => {
    const { measureMetricRun } = await import('../bench/runs.ts')
    await warmUp(signal, ['minio', 'mimir', 'promtool', 'prometheus'])
    return await measureMetricRun(folder, { project, signal, onLine: line => tell(`  ${line}`) })
  },
  load: async ({ folder, signal }) => {
    const { measureOnLoadLab } = await import('./load-lab.ts')
    await warmUp(signal, ['minio', 'tempo', 'mimir', 'promtool', 'telemetrygen'])
    return await measureOnLoadLab(folder, signal)
  },
}

const names = Object.keys(measurements)

const help = `Measures the suite's own speed and prints each figure beside its bound, and as a share of it.

  npm run bench
  npm run bench -- --only dry-run --only waits

  --only NAME   just this measurement (${names.join(', ')}); may be given again
  --json FILE   writes the figures as JSON too
  --help        this text

accept, metrics, proxy and load need the lab's servers; they are those that LAB_MINIO, LAB_TEMPO and so on name, else they come
from the cache. What is not there is built first, and that is not measured. Others who use the machine are measured too: repeat what is beyond.
Exit codes: 0 every figure keeps its bound, 1 one is beyond, 2 the request cannot be met, 3 something could not be
measured, 130 interrupted.`

const options = {
  only: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

await runCommand({ options, help }, async asked => {
  assertKnown(asked.only)
  using signals = ownSignals()
  try {
    const figures = await measure(asked.only.length === 0 ? names : asked.only, signals.signal)
    process.stdout.write(`${renderFigures(figures)}\n`)
    if (asked.json !== undefined) writeFigures(resolve(asked.json), figures)
    return figures.every(isWithin) ? exitCodes.satisfied : exitCodes.violated
  } catch (error) {
    if (!signals.signal.aborted) throw error
    tell('interrupted; everything that was started has been ended')
    return exitCodes.interrupted
  }
})

function assertKnown(only: readonly string[]): void {
  const faults = only
    .filter(name => !names.includes(name))
    .map(
      name => `${name}: expected one of ${[...nearestWords(name, names), ...names].slice(0, names.length).join(', ')}`,
    )
  if (faults.length > 0) throw new UsageError('there is no such measurement', faults)
}

async function measure(wanted: readonly string[], signal: AbortSignal): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'observability-acceptance-bench-'))
  using resources = new DisposableStack()
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const figures: Figure[] = []
  for (const [name, run] of Object.entries(measurements).filter(([name]) => wanted.includes(name))) {
    tell(`${name}: measuring`)
    figures.push(...(await run({ folder, signal })))
  }
  return figures
}

/** Builds what is not built yet, and tells where each server comes from. */
async function warmUp(signal: AbortSignal, servers: readonly ServerName[] = ['minio', 'tempo']): Promise<void> {
  const [{ findProgram }, { programVariable, readServerPins }] = await Promise.all([
    import('../lab/program.ts'),
    import('../lab/servers.ts'),
  ])
  for (const name of servers) {
    using progress = new LabProgressPrinter(process.stderr)
    const { path, version } = await findProgram(name, { signal, onProgress: event => progress.print(event) })
    const named = process.env[programVariable(name)]
    const source = named === path ? `which ${programVariable(name)} names` : 'from the cache'
    tell(`  ${name} ${named === path ? version : readServerPins()[name].version}: ${path}, ${source}`)
  }
}

function writeFigures(file: string, figures: readonly Figure[]): void {
  const machine = { node: process.version, platform: process.platform, architecture: process.arch }
  const told = figures.map(figure => ({ ...figure, ratio: ratioOf(figure), within: isWithin(figure) }))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `${JSON.stringify({ measuredAt: new Date().toISOString(), ...machine, figures: told }, null, 2)}\n`,
  )
}
