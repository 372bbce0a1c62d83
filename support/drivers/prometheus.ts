import { parse } from 'yaml'
import { z } from 'zod'
import type { PrometheusSystem } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { type HttpAnswer, parsedBody, request } from './http.ts'
import { parsePrometheusText, type Sample, sumOf } from './prometheus-text.ts'

/** A target as Prometheus sees it (HTTP API, "Targets"). */
export interface ScrapedTarget {
  /** `http://127.0.0.1:9464/metrics`. */
  readonly url: string
  readonly labels: Readonly<Record<string, string>>
  readonly health: string
  /** Empty where the last scrape went well. */
  readonly lastError: string
  /** Undefined before the first scrape. */
  readonly lastScrape: Date | undefined
}

/** What a running Prometheus says of its own configuration, as far as promises depend on it. Durations are milliseconds. */
export interface PrometheusConfiguration {
  readonly externalLabels: Readonly<Record<string, string>>
  readonly remoteWrites: readonly RemoteWriteConfiguration[]
  /** What its jobs discover targets by: patterns of files, and URLs that list targets. */
  readonly discoveredBy: { readonly files: readonly string[]; readonly urls: readonly string[] }
}

/** One entry of remote_write, with the defaults that Prometheus adds. */
export interface RemoteWriteConfiguration {
  readonly url: string
  readonly name: string
  /** The settings of its queue_config by their names in Prometheus' configuration, as it writes them. */
  readonly queue: Readonly<Record<string, string>>
  /** The actions of its write_relabel_configs, in their order. */
  readonly relabelActions: readonly string[]
}

/** The counters of remote write of which promises speak (Prometheus, storage/remote/queue_manager.go), all queues together. */
export interface RemoteWriteCounts {
  readonly tried: number
  readonly failed: number
  readonly dropped: number
  /** Of those that were dropped, the ones that waited for longer than sample_age_limit. */
  readonly tooOld: number
  readonly retried: number
  /** Undefined where Prometheus has no queue. */
  readonly pending: number | undefined
}

const success = <T extends z.ZodType>(data: T) => z.object({ status: z.literal('success'), data })
const targetsSchema = success(
  z.object({
    activeTargets: z.array(
      z.object({
        scrapeUrl: z.string(),
        labels: z.record(z.string(), z.string()),
        health: z.string(),
        lastError: z.string(),
        lastScrape: z.string(),
      }),
    ),
  }),
)
const yamlSchema = success(z.object({ yaml: z.string() }))
const configurationSchema = z.object({
  scrape_configs: z
    .array(
      z.object({
        file_sd_configs: z.array(z.object({ files: z.array(z.string()) })).default([]),
        http_sd_configs: z.array(z.object({ url: z.string() })).default([]),
      }),
    )
    .default([]),
  global: z.object({ external_labels: z.record(z.string(), z.string()).default({}) }).default({ external_labels: {} }),
  remote_write: z
    .array(
      z.object({
        url: z.string(),
        name: z.string().default(''),
        queue_config: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
          .default({}),
        write_relabel_configs: z.array(z.object({ action: z.string().default('replace') })).default([]),
      }),
    )
    .default([]),
})

/** Asks one Prometheus about itself (Prometheus documentation, "HTTP API" and "Management API"), without a retry. */
export class Prometheus {
  readonly #system: PrometheusSystem

  constructor(system: PrometheusSystem) {
    this.#system = system
  }

  async targets(signal: AbortSignal): Promise<Answer<ScrapedTarget[]>> {
    const answer = await this.#get('/api/v1/targets', { state: 'active' }, signal)
    return parsedBody(answer, text => {
      const { activeTargets } = targetsSchema.parse(JSON.parse(text)).data
      return activeTargets.map(({ scrapeUrl: url, lastScrape, ...rest }) => {
        const time = new Date(lastScrape)
        // Go's zero time is in the year 1.
        return { url, ...rest, lastScrape: time.getTime() > 0 ? time : undefined }
      })
    })
  }

  async configuration(signal: AbortSignal): Promise<Answer<PrometheusConfiguration>> {
    const answer = await this.#get('/api/v1/status/config', {}, signal)
    return parsedBody(answer, text => {
      const { yaml } = yamlSchema.parse(JSON.parse(text)).data
      const { global, remote_write: written, scrape_configs: jobs } = configurationSchema.parse(parse(yaml))
      const remoteWrites = written.map(({ url, name, queue_config: queue, write_relabel_configs: rules }) => {
        return { url, name, queue, relabelActions: rules.map(({ action }) => action) }
      })
      const discoveredBy = {
        files: jobs.flatMap(job => job.file_sd_configs.flatMap(({ files }) => files)),
        urls: jobs.flatMap(job => job.http_sd_configs.map(({ url }) => url)),
      }
      return { externalLabels: global.external_labels, remoteWrites, discoveredBy }
    })
  }

  /** Its own metrics. */
  async metrics(signal: AbortSignal): Promise<Answer<Sample[]>> {
    return parsedBody(await this.#get('/metrics', {}, signal), parsePrometheusText)
  }

  /** What it counts of its remote write; a counter that has not begun to count is 0. */
  async remoteWriteCounts(signal: AbortSignal): Promise<Answer<RemoteWriteCounts>> {
    const answer = await this.metrics(signal)
    const sum = (name: string, labels?: Record<string, string>) =>
      sumOf(answer.value, `prometheus_remote_storage_${name}`, labels)
    const value = {
      tried: sum('samples_total') ?? 0,
      failed: sum('samples_failed_total') ?? 0,
      dropped: sum('samples_dropped_total') ?? 0,
      tooOld: sum('samples_dropped_total', { reason: 'too_old' }) ?? 0,
      retried: sum('samples_retried_total') ?? 0,
      pending: sum('samples_pending'),
    }
    return { ...answer, value }
  }

  /** Has it read its configuration again; the status is 200 when it has, 403 where that is not switched on. */
  async reload(signal: AbortSignal): Promise<Answer<number>> {
    const { http, apiPrefix } = this.#system
    const allowed = [400, 403, 405, 500]
    const answer = await request(http, { method: 'POST', path: `${apiPrefix}/-/reload`, signal, allowed })
    return { request: answer.request, elapsedMs: answer.elapsedMs, value: answer.status }
  }

  async #get(path: string, query: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
    const { http, apiPrefix } = this.#system
    return await request(http, { path: `${apiPrefix}${path}`, query, signal })
  }
}
