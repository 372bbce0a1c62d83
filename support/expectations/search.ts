import { Unmet } from '../errors.ts'

type Found = readonly { readonly traceId: string }[]

/** Accepts a search that found these traces, each once, and nothing else. */
export const exactlyTheseTraces =
  (ids: readonly string[]) =>
  (found: Found): void => {
    judge(ids, found, true)
  }

/** Accepts a search that found these traces, each once, whatever else it found. */
export const theseTracesAmongOthers =
  (ids: readonly string[]) =>
  (found: Found): void => {
    judge(ids, found, false)
  }

function judge(ids: readonly string[], found: Found, onlyThese: boolean): void {
  if (ids.length === 0) throw new RangeError('a search that need not find anything proves nothing')
  const times = new Map<string, number>()
  for (const { traceId } of found) times.set(traceId, (times.get(traceId) ?? 0) + 1)
  const missing = ids.filter(id => !times.has(id))
  const extra = onlyThese ? [...times.keys()].filter(id => !ids.includes(id)) : []
  const doubled = ids.filter(id => (times.get(id) ?? 0) > 1)
  const faults = [
    ...(missing.length > 0 ? [`missing ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`found without matching: ${list(extra)}`] : []),
    ...(doubled.length > 0 ? [`found more than once: ${list(doubled)}`] : []),
  ]
  if (faults.length > 0)
    throw new Unmet(`${ids.length - missing.length} of ${ids.length} traces found; ${faults.join('; ')}`)
}

function list(ids: readonly string[]): string {
  const more = ids.length - 3
  return ids.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
