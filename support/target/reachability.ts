import { request } from '../drivers/http.ts'
import { isDefect } from '../errors.ts'
import type { SystemName } from '../system-names.ts'
import { placesOf } from './places.ts'
import type { Target } from './target.ts'

/** What a gateway says where nothing answers behind it, and a server that does not serve now. */
const silentStatuses = [502, 503, 504]
const answers = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
  status => !silentStatuses.includes(status),
)

/** The parts of the target, other than this system, that answer nothing at all now, in words. */
export async function silentOthers(
  target: Target,
  system: SystemName | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const places = placesOf(target).filter(place => place.system !== system)
  const silent = await Promise.all(
    places.map(async ({ name, url, ca }) => ((await isAnswered(url, ca, signal)) ? [] : [`${name} at ${url.host}`])),
  )
  return silent.flat()
}

/** Any answer tells that something is there; a connection alone does not. */
async function isAnswered(url: URL, ca: string | undefined, signal: AbortSignal): Promise<boolean> {
  try {
    const address = { url, headers: {}, ...(ca === undefined ? {} : { ca }) }
    await request(address, { method: 'HEAD', path: '/', signal, allowed: answers })
    return true
  } catch (error) {
    if (isDefect(error)) throw error
    return false
  }
}
