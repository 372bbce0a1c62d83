import type { Address, MimirSystem } from '../target/target.ts'
import type { Answer } from './answer.ts'
import { parsedBody, request } from './http.ts'
import type { MetricStorePlace } from './metric-store.ts'
import { type MimirConfiguration, parseMimirConfiguration } from './mimir-configuration.ts'
import { parsePrometheusText, type Sample } from './prometheus-text.ts'

const tenantHeader = 'x-scope-orgid'
/** The tenant of a Mimir without multi-tenancy (`no_auth_tenant`). */
const nobody = 'anonymous'

/** Where one tenant's metrics are written to and queried (Mimir documentation, "HTTP API"); undefined: no tenant is named. */
export function mimirPlace({ http, apiPrefix }: MimirSystem, tenant: string | undefined): MetricStorePlace {
  const address = tenant === undefined ? http : withTenant(http, tenant)
  return { write: address, pushPath: '/api/v1/push', query: address, apiPrefix }
}

/** The tenant under which a probe is kept: one of its own where there are many, else the one that all share. */
export function tenantFor(
  { multiTenant, http }: Pick<MimirSystem, 'multiTenant' | 'http'>,
  { run, scenario }: { readonly run: string; readonly scenario: string },
): string {
  if (multiTenant) return `acceptance-${run}-${scenario}`
  const configured = http.headers[tenantHeader]
  return typeof configured === 'string' ? configured : nobody
}

function withTenant(address: Address, tenant: string): Address {
  return tenant === nobody ? address : { ...address, headers: { ...address.headers, [tenantHeader]: tenant } }
}

/** Asks one Mimir about itself over its HTTP interface (Mimir documentation, "HTTP API"), without a retry. */
export class Mimir {
  readonly #http: Address

  constructor({ http }: Pick<MimirSystem, 'http'>) {
    this.#http = http
  }

  /** The configuration that it runs with. */
  async configuration(signal: AbortSignal): Promise<Answer<MimirConfiguration>> {
    const answer = await request(this.#http, { path: '/config', signal })
    return parsedBody(answer, parseMimirConfiguration)
  }

  /** Its own metrics. */
  async metrics(signal: AbortSignal): Promise<Answer<Sample[]>> {
    const answer = await request(this.#http, { path: '/metrics', signal })
    return parsedBody(answer, parsePrometheusText)
  }

  /**
   * Has the ingesters cut the samples of one tenant into blocks and upload them; answers before they have begun, since a
   * compaction that runs already would be waited for.
   */
  async flush(tenant: string, signal: AbortSignal): Promise<Answer<undefined>> {
    const query = { tenant }
    const answer = await request(this.#http, { method: 'POST', path: '/ingester/flush', query, signal })
    return { request: answer.request, elapsedMs: answer.elapsedMs, value: undefined }
  }
}
