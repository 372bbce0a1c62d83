import { request } from '../drivers/http.ts'
import { isDefect } from '../errors.ts'
import { placesOf } from './places.ts'
import type { Target } from './target.ts'

/** As much as is allowed for where times of different clocks are compared. */
const toleranceMs = 60_000

export interface ClockDifference {
  /** Such as `object storage at 127.0.0.1:9000`. */
  readonly place: string
  /** Milliseconds, without a sign. */
  readonly ms: number
}

/** The parts of the target whose clock is more than a minute apart from the one here, as their `Date` headers tell. */
export async function clocksApart(target: Target, signal: AbortSignal): Promise<ClockDifference[]> {
  const looked = await Promise.all(
    placesOf(target).map(async ({ name, url, ca }) => {
      const ms = await difference(url, ca, signal)
      return ms === undefined || ms <= toleranceMs ? [] : [{ place: `${name} at ${url.host}`, ms }]
    }),
  )
  return looked.flat()
}

/** Undefined where it does not tell the time (RFC 9110, section 6.6.1), whatever its answer is. */
async function difference(url: URL, ca: string | undefined, signal: AbortSignal): Promise<number | undefined> {
  try {
    const allowed = Array.from({ length: 300 }, (_, index) => 300 + index)
    const address = { url, headers: {}, ...(ca === undefined ? {} : { ca }) }
    const { headers } = await request(address, { method: 'HEAD', path: '/', signal, allowed })
    const theirs = Date.parse(headers.date ?? '')
    return Number.isNaN(theirs) ? undefined : Math.abs(theirs - Date.now())
  } catch (error) {
    if (isDefect(error)) throw error
    // Silence is another trouble than a wrong clock.
    return undefined
  }
}
