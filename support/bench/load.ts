import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../drivers/answer.ts'
import type { MetricStorePlace } from '../drivers/metric-store.ts'
import { type Sample, sumOf } from '../drivers/prometheus-text.ts'
import { EnvironmentError } from '../errors.ts'
import { type Source, startLoad } from '../load/load.ts'
import { sampleSource, spanSource } from '../load/sources.ts'
import type { Address } from '../target/target.ts'
import { measureCommand } from './command.ts'
import type { Figure } from './figure.ts'
import { median } from './median.ts'

/** What is measured here, and by what. */
export interface LoadBench {
  readonly folder: string
  readonly otlpGrpc: Address
  /** A tenant of this name, into which nobody wrote yet. */
  place(tenant: string): MetricStorePlace
  /** Tempo's and Mimir's own metrics, which count what arrived, whoever sent it. */
  readonly tempo: { metrics(signal: AbortSignal): Promise<Answer<Sample[]>> }
  readonly mimir: { metrics(signal: AbortSignal): Promise<Answer<Sample[]>> }
  /** The programs of others that are measured beside. */
  readonly telemetrygen: string
  readonly promtool: string
}

/** What was sent, as the receiver counts it. */
interface Sent {
  readonly perSecond: number
}

const rounds = 3
const roundMs = 3_000
const senders = 2
const spansOfEach = 1_000
const childSpans = 19
/** Of one push by promtool, which sends all of a file at once. */
const samplesOfFile = 20_000
const pushesOfFile = 10
/** How much of the others' a probe in Node must reach at least, to be of use as a load. */
const bounds = { spans: 1, samples: 0.5 }
const mark = { run: 'bench', scenario: 'load' }

/**
 * How much the load probe sends in a second, beside OpenTelemetry's telemetrygen into the same Tempo and beside promtool
 * into the same Mimir, in turns; each as fast as it can, two at a time, counted by the receiver. Medians of three rounds.
 * @throws EnvironmentError where nothing arrived
 */
export async function measureLoad(bench: LoadBench, signal: AbortSignal): Promise<Figure[]> {
  return [await measureSpans(bench, signal), await measureSamples(bench, signal)]
}

async function measureSpans(bench: LoadBench, signal: AbortSignal): Promise<Figure> {
  const received = async () =>
    sumOf((await bench.tempo.metrics(signal)).value, 'tempo_distributor_spans_received_total') ?? 0
  const { host } = bench.otlpGrpc.url
  const theirs = ['traces', '--otlp-insecure', '--otlp-endpoint', host, '--rate', '0', '--workers', `${senders}`]
  const [own, other] = await inTurns(
    () => counted(received, () => send(() => spanSource(bench.otlpGrpc, mark, { spansOfEach, intervalMs: 0 }), signal)),
    () =>
      counted(received, async () => {
        const duration = `${roundMs}ms`
        const all = [
          ...theirs,
          '--child-spans',
          `${childSpans}`,
          '--batch-size',
          `${spansOfEach}`,
          '--duration',
          duration,
        ]
        await measureCommand(bench.telemetrygen, all, { project: bench.folder, signal })
      }),
  )
  return figureOf('spans', 'telemetrygen', own, other)
}

async function measureSamples(bench: LoadBench, signal: AbortSignal): Promise<Figure> {
  const received = async () =>
    sumOf((await bench.mimir.metrics(signal)).value, 'cortex_distributor_received_samples_total') ?? 0
  const file = join(bench.folder, 'metrics.prom')
  writeFileSync(file, exposition(samplesOfFile))
  let round = 0
  const [own, other] = await inTurns(
    () => {
      const place = bench.place(`bench-own-${round++}`)
      const writes = { series: samplesOfFile, everyMs: 0 }
      return counted(received, () => send(async () => sampleSource(place, mark, writes), signal))
    },
    () => {
      const { write, pushPath } = bench.place(`bench-promtool-${round}`)
      const header = `--header=X-Scope-OrgID=bench-promtool-${round}`
      const push = ['push', 'metrics', header, `--remote-write.path=${pushPath}`, write.url.href, file]
      return counted(received, async () => {
        for (let pushes = 0; pushes < pushesOfFile; pushes += senders) {
          const together = Array.from({ length: senders }, () =>
            measureCommand(bench.promtool, push, { project: bench.folder, signal }),
          )
          await Promise.all(together)
        }
      })
    },
  )
  return figureOf('samples', 'promtool', own, other)
}

async function send(open: () => Promise<Source>, signal: AbortSignal): Promise<void> {
  const load = startLoad(open, { signal, senders })
  const timer = setTimeout(() => load.end(), roundMs)
  try {
    const { refusedPushes, acknowledged } = await load.result
    if (refusedPushes > 0)
      throw new EnvironmentError(`${refusedPushes} pushes were refused, beside ${acknowledged} acknowledged`)
  } finally {
    clearTimeout(timer)
  }
}

/** @throws EnvironmentError where nothing arrived */
async function counted(received: () => Promise<number>, act: () => Promise<void>): Promise<Sent> {
  const before = await received()
  const startedAt = performance.now()
  await act()
  const seconds = (performance.now() - startedAt) / 1_000
  const arrived = (await received()) - before
  if (!(arrived > 0)) throw new EnvironmentError('the receiver counts nothing of what was sent')
  return { perSecond: arrived / seconds }
}

async function inTurns(own: () => Promise<Sent>, other: () => Promise<Sent>): Promise<[own: number, other: number]> {
  const seen: { own: number[]; other: number[] } = { own: [], other: [] }
  for (let round = 0; round < rounds; round += 1) {
    seen.own.push((await own()).perSecond)
    seen.other.push((await other()).perSecond)
  }
  return [median(seen.own), median(seen.other)]
}

function figureOf(what: 'spans' | 'samples', whose: string, own: number, other: number): Figure {
  const each = (perSecond: number) => Math.round(perSecond).toLocaleString('en')
  return {
    name: `${what} a second, of ${whose}'s`,
    measured: own / other,
    unit: 'share',
    limit: 'at least',
    bound: bounds[what],
    note: `the load probe ${each(own)}, ${whose} ${each(other)} into the same server, ${senders} at a time, median of ${rounds}`,
  }
}

/** Metrics in Prometheus' text format, as many series as that, each with a value. */
function exposition(series: number): string {
  const lines = Array.from({ length: series }, (_, part) => `acceptance_bench{part="${part}"} ${part}`)
  return `# TYPE acceptance_bench gauge\n${lines.join('\n')}\n`
}
