import type { PrometheusConfiguration, RemoteWriteConfiguration } from '../drivers/prometheus.ts'
import { parseDuration } from '../duration.ts'
import { Unmet } from '../errors.ts'
import { firstFew } from './trace-differences.ts'

/** Where receivers take remote write, Mimir among them (Mimir's HTTP API, "Remote write"). */
const pushPath = /\/api\/v1\/push$/

/** A setting of queue_config by its name in Prometheus' configuration, and its value as that writes it. */
export type QueueSettings = Readonly<Record<string, string>>

/** Accepts a configuration in which every remote write to a Mimir has a queue with these settings. */
export const queueIsSetTo =
  (wanted: QueueSettings) =>
  (configuration: PrometheusConfiguration): void => {
    const lines = remoteWritesToMimir(configuration).flatMap(({ url, queue }) =>
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
export const writesEverything = (configuration: PrometheusConfiguration): void => {
  for (const { url, relabelActions } of remoteWritesToMimir(configuration)) {
    const action = relabelActions.find(each => leavingOut.includes(each))
    if (action !== undefined)
      throw new Unmet(`a rule of its write_relabel_configs leaves series out of ${url}: ${action}`)
  }
}

function remoteWritesToMimir({ remoteWrites }: PrometheusConfiguration): RemoteWriteConfiguration[] {
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
