import { z } from 'zod'
import { isDefect, RequestError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { Address, TempoSystem } from '../target/target.ts'
import type { Trace } from '../traces/trace.ts'
import type { Answer } from './answer.ts'
import { excerpt, type HttpAnswer, isSomebodyElses, request } from './http.ts'
import { parsePrometheusText, type Sample } from './prometheus-text.ts'
import { parseTempoConfiguration, type TempoConfiguration } from './tempo-configuration.ts'
import { parseTempoTrace } from './tempo-json.ts'

/** The tenant of a Tempo without multi-tenancy; it is never named in a request. */
const singleTenant = 'single-tenant'

/** The address as this tenant asks it. */
export function withTenant(address: Address, tenant: string): Address {
  return tenant === singleTenant ? address : { ...address, headers: { ...address.headers, 'X-Scope-OrgID': tenant } }
}

export interface SearchQuestion {
  /** TraceQL, such as `{ resource.service.name = "checkout" }`. */
  readonly query: string
  /** Seconds since the Unix epoch. Tempo asks blocks only where both ends are given, else its ingesters alone. */
  readonly start?: number
  readonly end?: number
  /** Tempo's own default is 20. */
  readonly limit?: number
}

export interface FoundTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  readonly rootService: string
  readonly rootName: string
  /** Spans that match the query. */
  readonly matched: number
}

export interface StatusAnswer {
  readonly status: number
  /** The whole body as it came, without secrets: whoever shows only a part of it must not cut one in two. */
  readonly text: string
}

const json = { accept: 'application/json' }

const searchAnswer = z.object({
  traces: z
    .array(
      z.object({
        traceID: z.string(),
        rootServiceName: z.string().default(''),
        rootTraceName: z.string().default(''),
        spanSets: z.array(z.object({ matched: z.int().default(0) })).default([]),
      }),
    )
    .default([]),
  // Always there, so an answer of another kind does not pass for one that found nothing.
  metrics: z.looseObject({}),
})

const buildAnswer = z.object({ version: z.string(), revision: z.string(), goVersion: z.string() })
export type TempoBuild = z.infer<typeof buildAnswer>

/** Asks one Tempo over its HTTP interface (Tempo documentation, "HTTP API"), as one tenant, without a retry. */
export class Tempo {
  readonly #http: Address
  readonly #querier: Address

  constructor({ http, querier, tenant }: Pick<TempoSystem, 'http' | 'querier' | 'tenant'>) {
    this.#http = withTenant(http, tenant)
    this.#querier = withTenant(querier, tenant)
  }

  /**
   * A trace from wherever Tempo has it, as it came: a span that came twice is there twice. Undefined where Tempo says that
   * there is none. No time range is needed.
   */
  async traceById(traceId: string, signal: AbortSignal): Promise<Answer<Trace | undefined>> {
    return traceOf(await request(this.#http, { path: `/api/traces/${traceId}`, signal, headers: json, allowed: [404] }))
  }

  /** A trace from object storage alone, without the help of anybody's memory. */
  traceFromBlocks(traceId: string, signal: AbortSignal): Promise<Answer<Trace | undefined>> {
    return this.#fromQuerier(traceId, 'blocks', signal)
  }

  /** A trace from the ingesters alone, memory and write-ahead log, without the help of object storage. */
  traceFromMemory(traceId: string, signal: AbortSignal): Promise<Answer<Trace | undefined>> {
    return this.#fromQuerier(traceId, 'ingesters', signal)
  }

  /** What Tempo says to any text in the place of a trace id, not judged. @throws RequestError where it is not Tempo's word */
  async traceByIdResponse(traceId: string, signal: AbortSignal): Promise<Answer<StatusAnswer>> {
    const path = `/api/traces/${encodeURIComponent(traceId)}`
    const answer = await request(this.#http, { path, signal, headers: json, allowed: [400, 404, 422] })
    const text = redact(answer.body.toString('utf8'))
    if (isSomebodyElses(answer.status, text)) throw notTempos(answer, text)
    return answerOf(answer, { status: answer.status, text })
  }

  /** The traces that a TraceQL query finds, in Tempo's order; no trace at all is an empty list. */
  async search({ query, ...rest }: SearchQuestion, signal: AbortSignal): Promise<Answer<FoundTrace[]>> {
    const answer = await request(this.#http, {
      path: '/api/search',
      query: { q: query, ...rest },
      signal,
      headers: json,
    })
    const { traces } = readable(answer, () => searchAnswer.parse(JSON.parse(answer.body.toString('utf8'))))
    const found = traces.map(trace => ({
      // Tempo leaves out leading zeros here (pkg/util/traceid.go).
      traceId: trace.traceID.padStart(32, '0'),
      rootService: trace.rootServiceName,
      rootName: trace.rootTraceName,
      matched: trace.spanSets.reduce((sum, { matched }) => sum + matched, 0),
    }))
    return answerOf(answer, found)
  }

  /** Whether Tempo says that it is ready, and if not, why. */
  async ready(signal: AbortSignal): Promise<Answer<{ ready: boolean; message: string }>> {
    const answer = await request(this.#http, { path: '/ready', signal, allowed: [503] })
    return answerOf(answer, { ready: answer.status === 200, message: excerpt(answer.body) })
  }

  /** What it was built from; all texts are empty where it was built without saying so. */
  async buildInfo(signal: AbortSignal): Promise<Answer<TempoBuild>> {
    const answer = await request(this.#http, { path: '/api/status/buildinfo', signal, headers: json })
    return answerOf(
      answer,
      readable(answer, () => buildAnswer.parse(JSON.parse(answer.body.toString('utf8')))),
    )
  }

  /** The configuration that it runs with. */
  async configuration(signal: AbortSignal): Promise<Answer<TempoConfiguration>> {
    const answer = await request(this.#http, { path: '/status/config', signal })
    return answerOf(
      answer,
      readable(answer, () => parseTempoConfiguration(answer.body.toString('utf8'))),
    )
  }

  /** Its own metrics. */
  async metrics(signal: AbortSignal): Promise<Answer<Sample[]>> {
    const answer = await request(this.#http, { path: '/metrics', signal })
    return answerOf(
      answer,
      readable(answer, () => parsePrometheusText(answer.body.toString('utf8'))),
    )
  }

  async #fromQuerier(
    traceId: string,
    mode: 'blocks' | 'ingesters',
    signal: AbortSignal,
  ): Promise<Answer<Trace | undefined>> {
    const path = `/querier/api/traces/${traceId}`
    return traceOf(await request(this.#querier, { path, query: { mode }, signal, headers: json, allowed: [404] }))
  }
}

/**
 * A 404 means that there is no trace only where Tempo itself says so: with no body, or from a querier with JSON. A router
 * that does not know the path (a wrong port, a wrong prefix) answers 404 as well, and must not pass for an absence.
 */
function traceOf(answer: HttpAnswer): Answer<Trace | undefined> {
  const text = answer.body.toString('utf8').trim()
  if (answer.status === 404) {
    if (text === '' || text.startsWith('{') || /trace.*not found|unable to find/i.test(text))
      return answerOf(answer, undefined)
    throw notTempos(answer, text)
  }
  return answerOf(
    answer,
    // A 200 is no absence: Tempo itself answers 404 for a trace without spans (modules/querier/http.go).
    readable(answer, () => parseTempoTrace(JSON.parse(text)) ?? { traceId: idIn(answer), spans: [] }),
  )
}

function notTempos({ request: asked, status }: HttpAnswer, text: string): RequestError {
  const message = `${asked}: ${status}, not from Tempo's trace interface: ${excerpt(text)}; check the URL and its path`
  return new RequestError(message, { whose: 'environment' })
}

/** The id that was asked for: the last part of the path. */
function idIn({ request: asked }: HttpAnswer): string {
  return /[^/?]+(?=\?|$)/.exec(asked)?.[0] ?? ''
}

function readable<T>(answer: HttpAnswer, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (isDefect(cause)) throw cause
    if (cause instanceof RequestError) {
      throw new RequestError(`${answer.request}: ${cause.message}`, { cause, whose: cause.whose })
    }
    throw new RequestError(
      `${answer.request}: ${answer.status}, but the answer cannot be read: ${excerpt(answer.body)}`,
      { cause, whose: 'product' },
    )
  }
}

function answerOf<T>({ request: asked, elapsedMs }: HttpAnswer, value: T): Answer<T> {
  return { request: asked, elapsedMs, value }
}
