import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ExecaError, execa } from 'execa'
import { NotApplicable, RequestError, Undetermined } from '../errors.ts'
import type { Sample, Series } from '../metrics/series.ts'
import { goNumber } from './go-number.ts'

/** Names the program, where it is not on the PATH. */
export const promtoolVariable = 'PROMTOOL'
const mostOutputBytes = 256 * 2 ** 20

/** An object of a block: its name below the block's folder (`index`, `chunks/000001`) and its bytes. */
export interface BlockObject {
  readonly name: string
  readonly bytes: Buffer
}

/**
 * Every float sample of a block of Prometheus' storage, read by Prometheus' own tool (`promtool tsdb dump`).
 * @throws NotApplicable where there is no promtool; RequestError where the block cannot be read
 */
export async function dumpBlock(id: string, objects: readonly BlockObject[], signal: AbortSignal): Promise<Series[]> {
  const folder = await mkdtemp(join(tmpdir(), 'observability-acceptance-block-'))
  try {
    for (const { name, bytes } of objects) {
      const file = join(folder, id, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
    }
    // The tool reads a whole database, to which a write-ahead log belongs.
    await mkdir(join(folder, 'wal'), { recursive: true })
    return seriesIn(await run(['tsdb', 'dump', '--sandbox-dir-root', folder, folder], id, signal))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(parameters: readonly string[], id: string, signal: AbortSignal): Promise<string> {
  const program = process.env[promtoolVariable] ?? 'promtool'
  try {
    const { stdout } = await execa(program, parameters, {
      cancelSignal: signal,
      maxBuffer: mostOutputBytes,
      stdin: 'ignore',
    })
    return stdout
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error
    if (error.code === 'ENOENT') {
      throw new NotApplicable(
        `blocks are read by promtool, and there is no ${program}: install Prometheus' tools, or name the program in ${promtoolVariable}`,
      )
    }
    if (error.isCanceled)
      throw new Undetermined('the reading of a block was interrupted', 'environment', { cause: error })
    const said = String(error.stderr ?? '')
      .trim()
      .split('\n')[0]
    throw new RequestError(`promtool cannot read block ${id}: ${said || error.shortMessage}`, {
      cause: error,
      whose: 'product',
    })
  }
}

const line = /^\{(.*)\} (\S+) (-?\d+)$/
const histogramLine = /^\{.*\} \{count:.*\} -?\d+$/
const label = /\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|("(?:[^"\\]|\\.)*"))=("(?:[^"\\]|\\.)*")\s*(?:,|$)/y

/**
 * What `promtool tsdb dump` prints: `{__name__="up", job="node"} 1 1700000000000`, with numbers as Go's `%g` writes them.
 * Histograms (`{__name__="took"} {count:2, sum:3, (1,2]:2} 1700000000000`) are passed over.
 * @throws RequestError naming the first line that is none
 */
export function seriesIn(text: string): Series[] {
  const found = new Map<string, { labels: Record<string, string>; samples: Sample[] }>()
  for (const content of text.split('\n')) {
    if (content.trim() === '' || histogramLine.test(content)) continue
    const [, labelText, value, time] = line.exec(content) ?? []
    const labels = labelText === undefined ? undefined : labelsIn(labelText)
    if (labelText === undefined || labels === undefined)
      throw new RequestError(`promtool printed what is no sample: ${content.slice(0, 160)}`, { whose: 'environment' })
    const series = found.get(labelText) ?? { labels, samples: [] }
    series.samples.push({ timestampMs: Number(time), value: goNumber(value ?? '') })
    found.set(labelText, series)
  }
  return [...found.values()]
}

function labelsIn(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {}
  let at = 0
  while (text.slice(at).trim() !== '') {
    label.lastIndex = at
    const match = label.exec(text)
    if (match === null) return undefined
    const [, plain, quoted, value = ''] = match
    labels[plain ?? unquoted(quoted ?? '""')] = unquoted(value)
    at = label.lastIndex
  }
  return labels
}

/** A string as Go quotes it: as JSON does, but for `\a`, `\v`, `\x00` and `\U00000000`. */
function unquoted(text: string): string {
  const asJson = text
    .replaceAll(/\\x([0-9a-f]{2})/g, '\\u00$1')
    .replaceAll('\\a', '\\u0007')
    .replaceAll('\\v', '\\u000b')
    .replaceAll(/\\U([0-9a-f]{8})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
  return JSON.parse(asJson) as string
}
