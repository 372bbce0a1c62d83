import { z } from 'zod'
import type { Address } from '../target/target.ts'
import { parsedBody, request } from './http.ts'
import type { Exposition, ScrapeTarget } from './scrape-target.ts'

/** What fixtures/cluster/base/targets/server.ts tells of a target. */
const stateSchema = z.object({ scrapedMsAgo: z.number().nullable() })
const withdrawMs = 10_000

/** Leaves metrics with the server of fixtures/cluster/base/targets, from which a Prometheus discovers and scrapes them. */
export async function announceToService(
  service: Address,
  name: string,
  exposition: Exposition,
  signal: AbortSignal,
): Promise<ScrapeTarget> {
  const path = pathOf(name)
  await request(service, { method: 'PUT', path, body: JSON.stringify(exposition), signal })
  return {
    instance: name,
    firstScrape: async asking => {
      const answer = await request(service, { path, signal: asking })
      const { scrapedMsAgo } = parsedBody(answer, text => stateSchema.parse(JSON.parse(text))).value
      if (scrapedMsAgo === null) return undefined
      const wallTime = new Date(Date.now() - scrapedMsAgo)
      return { wallTime, monotonicMs: performance.now() - scrapedMsAgo }
    },
    // After an interruption, too.
    [Symbol.asyncDispose]: () => withdrawFromService(service, name, AbortSignal.timeout(withdrawMs)),
  }
}

export async function withdrawFromService(service: Address, name: string, signal: AbortSignal): Promise<void> {
  await request(service, { method: 'DELETE', path: pathOf(name), signal, allowed: [404] })
}

function pathOf(name: string): string {
  return `/targets/${name}`
}
