import { z } from 'zod'
import { isDefect, RequestError } from '../errors.ts'
import type { HistogramSeries, SeenHistogram } from '../metrics/native-histogram.ts'
import type { Exemplar, Sample, Series } from '../metrics/series.ts'
import { redact } from '../secret.ts'
import type { Address } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { goNumber } from './go-number.ts'
import { excerpt, type HttpAnswer, isSomebodyElses, parsedBody, request } from './http.ts'

/** Where metrics are written to and queried: what differs between products that speak remote write and PromQL. */
export interface MetricStorePlace {
  readonly write: Address
  /** Such as `/api/v1/push`. */
  readonly pushPath: string
  readonly query: Address
  /** Where the Prometheus API begins, such as `/prometheus`. */
  readonly apiPrefix: string
}

export interface RangeQuestion {
  readonly query: string
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** What the query interface said, whatever it was. */
export interface QueryAnswer {
  readonly status: number
  /** Undefined where the query failed. */
  readonly series: Series[] | undefined
  /** Of those series that have native histograms, these. */
  readonly histograms: HistogramSeries[]
  /** Why it failed, in the store's words. */
  readonly error: string
}

const value = z.tuple([z.number(), z.string()])
const histogram = z.tuple([
  z.number(),
  z.object({
    count: z.string(),
    sum: z.string(),
    buckets: z.array(z.tuple([z.int(), z.string(), z.string(), z.string()])).default([]),
  }),
])
const metric = z.record(z.string(), z.string())
const resultSchema = z.union([
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric, value: value.optional(), histogram: histogram.optional() })),
  }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric, values: z.array(value).default([]), histograms: z.array(histogram).default([]) }),
    ),
  }),
])
const answerSchema = z.union([
  z.object({ status: z.literal('success'), data: resultSchema }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])
const exemplarsSchema = z.object({
  status: z.literal('success'),
  data: z.array(
    z.object({
      seriesLabels: metric,
      exemplars: z.array(z.object({ labels: metric, value: z.string(), timestamp: z.number() })),
    }),
  ),
})
const refusals = [400, 404, 422]

/** The exemplars of a series. */
export interface ExemplarSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly exemplars: readonly Exemplar[]
}

/** Asks one store of metrics over Prometheus' HTTP API (Prometheus documentation, "HTTP API"), without a retry. */
export class MetricStore {
  readonly place: MetricStorePlace

  constructor(place: MetricStorePlace) {
    this.place = place
  }

  /**
   * The samples of every series that a selector finds in a window, as they were stored: a range selector asks for no
   * interpolation. `window` is milliseconds, `endMs` the time of its end.
   */
  async samples(
    selector: string,
    { endMs, windowMs }: { readonly endMs: number; readonly windowMs: number },
    signal: AbortSignal,
  ): Promise<Answer<Series[]>> {
    return await this.instant(windowOf(selector, windowMs), endMs, signal)
  }

  /** The native histograms of every series that a selector finds in a window, likewise. */
  async histograms(
    selector: string,
    { endMs, windowMs }: { readonly endMs: number; readonly windowMs: number },
    signal: AbortSignal,
  ): Promise<Answer<HistogramSeries[]>> {
    const query = { query: windowOf(selector, windowMs), time: seconds(endMs) }
    const answer = await this.#ask('query', query, signal, [])
    succeeded(answer)
    return { ...answer, value: answer.value.histograms }
  }

  /** The exemplars of every series that a selector finds in a window (HTTP API, "Querying exemplars"). */
  async exemplars(
    selector: string,
    { endMs, windowMs }: { readonly endMs: number; readonly windowMs: number },
    signal: AbortSignal,
  ): Promise<Answer<ExemplarSeries[]>> {
    const { query: address, apiPrefix } = this.place
    const query = { query: selector, start: seconds(endMs - windowMs), end: seconds(endMs) }
    const answer = await request(address, { path: `${apiPrefix}/api/v1/query_exemplars`, query, signal })
    return parsedBody(answer, text =>
      exemplarsSchema.parse(JSON.parse(text)).data.map(({ seriesLabels, exemplars }) => ({
        labels: seriesLabels,
        exemplars: exemplars.map(({ labels, value: number, timestamp }) => ({
          labels,
          timestampMs: Math.round(timestamp * 1_000),
          value: goNumber(number),
        })),
      })),
    )
  }

  /** The result of an expression at one time, in milliseconds since the Unix epoch. */
  async instant(query: string, timeMs: number, signal: AbortSignal): Promise<Answer<Series[]>> {
    return succeeded(await this.#ask('query', { query, time: seconds(timeMs) }, signal, []))
  }

  /** The result of an expression at every step of a range. */
  async range(question: RangeQuestion, signal: AbortSignal): Promise<Answer<Series[]>> {
    return succeeded(await this.#askRange(question, signal, []))
  }

  /**
   * What the store says to any expression, not judged.
   * @param allowed statuses that are an answer here, besides those by which a query interface refuses an expression
   * @throws RequestError where it is not the word of a query interface
   */
  async instantResponse(
    query: string,
    timeMs: number,
    signal: AbortSignal,
    allowed: readonly number[] = [],
  ): Promise<Answer<QueryAnswer>> {
    return await this.#ask('query', { query, time: seconds(timeMs) }, signal, [...refusals, ...allowed])
  }

  async #askRange({ query, startMs, endMs, stepMs }: RangeQuestion, signal: AbortSignal, allowed: number[]) {
    const parameters = { query, start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) }
    return await this.#ask('query_range', parameters, signal, allowed)
  }

  async #ask(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
    allowed: number[],
  ): Promise<Answer<QueryAnswer>> {
    const { query: address, apiPrefix } = this.place
    const answer = await request(address, { path: `${apiPrefix}/api/v1/${path}`, query, signal, allowed })
    const { request: asked, elapsedMs, status } = answer
    const text = answer.body.toString('utf8')
    if (isSomebodyElses(status, text)) {
      const message = `${asked}: ${status}, not from a query interface: ${excerpt(text)}; check the URL and apiPrefix`
      throw new RequestError(message, { whose: 'environment' })
    }
    return { request: asked, elapsedMs, value: read(answer, text) }
  }
}

function read(answer: HttpAnswer, text: string): QueryAnswer {
  const { status } = answer
  try {
    const parsed = answerSchema.parse(JSON.parse(text))
    if (parsed.status === 'error') return { status, series: undefined, histograms: [], error: redact(parsed.error) }
    const { data } = parsed
    const found =
      data.resultType === 'matrix'
        ? data.result
        : data.result.map(({ metric, value, histogram }) => ({
            metric,
            values: value === undefined ? [] : [value],
            histograms: histogram === undefined ? [] : [histogram],
          }))
    return {
      status,
      series: found.flatMap(({ metric, values, histograms }) =>
        values.length === 0 && histograms.length > 0 ? [] : [{ labels: metric, samples: values.map(sampleOf) }],
      ),
      histograms: found.flatMap(({ metric, histograms }) =>
        histograms.length === 0 ? [] : [{ labels: metric, histograms: histograms.map(histogramOf) }],
      ),
      error: '',
    }
  } catch (cause) {
    if (isDefect(cause)) throw cause
    // A refusal may be plain text; a success may not.
    if (status >= 400) return { status, series: undefined, histograms: [], error: redact(text) }
    const message = `${answer.request}: ${status}, but the answer cannot be read: ${excerpt(text)}`
    throw new RequestError(message, { cause, whose: 'product' })
  }
}

function succeeded(answer: Answer<QueryAnswer>): Answer<Series[]> {
  const { series, error } = answer.value
  if (series !== undefined) return { ...answer, value: series }
  throw new RequestError(`${answer.request}: the query failed: ${error}`, { whose: 'product' })
}

/** Seconds with milliseconds as the API writes times, and values as texts so that NaN and infinities are told. */
function sampleOf([time, text]: z.infer<typeof value>): Sample {
  return { timestampMs: Math.round(time * 1_000), value: goNumber(text) }
}

function histogramOf([time, { count, sum, buckets }]: z.infer<typeof histogram>): SeenHistogram {
  return {
    timestampMs: Math.round(time * 1_000),
    count: goNumber(count),
    sum: goNumber(sum),
    buckets: buckets.map(([boundaryRule, lower, upper, own]) => ({
      boundaryRule,
      lower: goNumber(lower),
      upper: goNumber(upper),
      count: goNumber(own),
    })),
  }
}

function windowOf(selector: string, windowMs: number): string {
  return `${selector}[${Math.ceil(windowMs)}ms]`
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3)
}
