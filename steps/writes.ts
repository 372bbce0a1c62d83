import { tenantFor } from '../support/drivers/mimir.ts'
import { type Writer, writeSeries } from '../support/drivers/remote-write.ts'
import { Undetermined } from '../support/errors.ts'
import type { Mark } from '../support/metrics/probe-series.ts'
import type { Series } from '../support/metrics/series.ts'
import type { Run } from '../support/run.ts'
import { mimirSystem, storeOf } from '../support/systems.ts'
import { type Acknowledged, type Sent, sendOnce } from './sent.ts'

/** A write that hangs longer is given up; what is promised of a write is 1 minute. */
const longestWriteMs = 60_000

/** Series that were written, and what became of the request. */
export interface Write extends Sent {
  readonly series: readonly Series[]
  /** Whose they are. */
  readonly tenant: string
}

/** Series that Mimir has promised to keep. */
export type AcknowledgedWrite = Acknowledged<Write>

/** Writes series once, as the tenant of this mark. What the request came to is told, not thrown. */
export async function write(
  run: Run,
  mark: Mark,
  series: readonly Series[],
  writer: Writer = 'remote write',
): Promise<Write> {
  const tenant = tenantFor(mimirSystem(run), mark)
  const { place } = storeOf(run, tenant)
  const send = (signal: AbortSignal) => writeSeries(place, series, writer, signal)
  return { series, tenant, ...(await sendOnce(run, writer, longestWriteMs, send)) }
}

/** A selector of exactly these series of one metric, and of no others: `up{acceptance_run="..."}`. */
export function selectorOf(series: readonly Series[]): string {
  const [first] = series
  if (first === undefined) throw new Undetermined('there is no series to ask for', 'harness')
  const { __name__: name = '', acceptance_run: run, acceptance_scenario: scenario } = first.labels
  return `${name}{acceptance_run=${JSON.stringify(run)},acceptance_scenario=${JSON.stringify(scenario)}}`
}

/** A window in which all samples of the series lie: its end, and its length in milliseconds. */
export function windowOf(series: readonly Series[]): { readonly endMs: number; readonly windowMs: number } {
  const times = series.flatMap(({ samples, histograms = [] }) =>
    [...samples, ...histograms].map(({ timestampMs }) => timestampMs),
  )
  const endMs = Math.max(...times)
  // A range selector leaves out its beginning (Prometheus 3, "left-open").
  return { endMs, windowMs: endMs - Math.min(...times) + 1_000 }
}

/** The native histograms of these series as Mimir has them now, as a question. */
export function histogramsOf(run: Run, { series, tenant }: Write) {
  const store = storeOf(run, tenant)
  return (signal: AbortSignal) => store.histograms(selectorOf(series), windowOf(series), signal)
}

/** The samples of these series as Mimir has them now, as a question. */
export function samplesOf(run: Run, { series, tenant }: Write) {
  const store = storeOf(run, tenant)
  return (signal: AbortSignal) => store.samples(selectorOf(series), windowOf(series), signal)
}
