import type { RemoteWriteConfiguration } from '../drivers/prometheus.ts'
import { parseDuration } from '../duration.ts'
import { Unmet } from '../errors.ts'
import { keyOf, type Series } from '../metrics/series.ts'
import { firstFew } from './trace-differences.ts'

/** Where receivers take remote write, Mimir among them (Mimir's HTTP API, "Remote write"). */
const pushPath = /\/api\/v1\/push$/

/** A setting of queue_config by its name in Prometheus' configuration, and its value as that writes it. */
export type QueueSettings = Readonly<Record<string, string>>

/** Accepts a configuration in which every remote write to a Mimir has a queue with these settings. */
export const queueIsSetTo =
  (wanted: QueueSettings) =>
  (remoteWrites: readonly RemoteWriteConfiguration[]): void => {
    const lines = toMimir(remoteWrites).flatMap(({ url, queue }) =>
      Object.entries(wanted).flatMap(([name, value]) => {
        const found = queue[name]
        if (found !== undefined && isSame(found, value)) return []
        return [`the queue to ${url} has ${name} ${found ?? 'not set'}, expected ${value}`]
      }),
    )
    if (lines.length > 0) throw new Unmet(firstFew(lines))
  }

const leavingOut = ['drop', 'dropequal', 'keep', 'keepequal']

/** Accepts a configuration in which no remote write to a Mimir leaves series out. */
export const writesEverything = (remoteWrites: readonly RemoteWriteConfiguration[]): void => {
  for (const { url, relabelActions } of toMimir(remoteWrites)) {
    const action = relabelActions.find(each => leavingOut.includes(each))
    if (action !== undefined)
      throw new Unmet(`a rule of its write_relabel_configs leaves series out of ${url}: ${action}`)
  }
}

/** Milliseconds for which samples are kept that a Mimir does not take; undefined where there is no such limit. */
export function keptForMs(remoteWrites: readonly RemoteWriteConfiguration[]): number | undefined {
  const limits = toMimir(remoteWrites).map(({ queue }) => parseDuration(queue.sample_age_limit ?? '0s'))
  return limits.includes(0) ? undefined : Math.max(...limits)
}

/** What one store has of some series, what has come to another, and how many samples were counted as lost between them. */
export interface Loss {
  readonly scraped: readonly Series[]
  readonly arrived: readonly Series[]
  readonly counted: number
}

/** How many samples have not arrived. */
export function lostOf({ scraped, arrived }: Loss): number {
  const there = new Map(
    arrived.map(({ labels, samples }) => [keyOf(labels), new Set(samples.map(({ timestampMs }) => timestampMs))]),
  )
  const isThere = (labels: Series['labels'], timestampMs: number) => there.get(keyOf(labels))?.has(timestampMs) ?? false
  return scraped
    .flatMap(({ labels, samples }) => samples.map(({ timestampMs }) => isThere(labels, timestampMs)))
    .filter(each => !each).length
}

/** Accepts a loss of which each sample was counted; those of others may be counted too. */
export const isCounted = (loss: Loss): void => {
  const lost = lostOf(loss)
  if (lost === 0) throw new RangeError('where nothing was lost, nothing can be said of the count')
  if (loss.counted < lost)
    throw new Unmet(`${lost} samples have not arrived, and ${loss.counted} are counted as too old to be sent`)
}

function toMimir(remoteWrites: readonly RemoteWriteConfiguration[]): RemoteWriteConfiguration[] {
  const own = remoteWrites.filter(({ url }) => pushPath.test(new URL(url).pathname))
  if (own.length === 0) throw new Unmet('Prometheus writes remotely to no Mimir (a URL that ends with /api/v1/push)')
  return own
}

/** Durations may be written in several ways. */
function isSame(found: string, wanted: string): boolean {
  if (found === wanted) return true
  try {
    return parseDuration(found) === parseDuration(wanted)
  } catch {
    return false
  }
}
