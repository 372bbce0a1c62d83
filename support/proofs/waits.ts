import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { AwaitedFact } from '../faults/generate.ts'

const kinds = ['deadline', 'patience', 'preparation', 'window'] as const

/** A line of the file that `ACCEPT_WAITS` names: one wait that came true. Milliseconds. */
const lineSchema = z.object({
  key: z.string(),
  kind: z.enum(kinds),
  /** How long it would have been waited at most, before any scaling. */
  originalMs: z.number(),
  tookMs: z.number(),
  request: z.string().optional(),
})

/** Enough to know what is asked; a scenario may ask for hundreds of traces. */
const mostRequests = 20

/** What was measured of one wait, over all the times that it came true. Milliseconds. */
export interface MeasuredWait {
  readonly key: string
  readonly kind: (typeof kinds)[number]
  readonly originalMs: number
  readonly longestMs: number
  readonly requests: readonly string[]
}

/** All waits that runs told of, by key. A line that a dying run cut short is left out. */
export function readWaits(files: readonly string[]): Map<string, MeasuredWait> {
  const waits = new Map<string, MeasuredWait>()
  for (const file of files) {
    if (!existsSync(file)) continue
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      const line = readLine(text)
      if (line === undefined) continue
      const { key, kind, originalMs, tookMs, request } = line
      const known = waits.get(key)
      const requests = known?.requests ?? []
      const isNew = request !== undefined && requests.length < mostRequests && !requests.includes(request)
      waits.set(key, {
        key,
        kind,
        originalMs: Math.max(originalMs, known?.originalMs ?? 0),
        longestMs: Math.max(tookMs, known?.longestMs ?? 0),
        requests: isNew ? [...requests, request] : requests,
      })
    }
  }
  return waits
}

/** The facts that scenarios of these requirements awaited; a second reader only confirms what the first has seen. */
export function factsOf(waits: Iterable<MeasuredWait>, requirements: ReadonlySet<string>): AwaitedFact[] {
  return [...waits].flatMap(({ key, kind, originalMs, longestMs, requests }) => {
    const [requirement = '', scenario = '', step, second] = key.split(' | ')
    if (step === undefined || second !== undefined || !requirements.has(requirement)) return []
    if (kind !== 'deadline' && kind !== 'patience') return []
    return [{ key, requirement, scenario, kind, originalMs, longestMs, requests }]
  })
}

function readLine(text: string): z.output<typeof lineSchema> | undefined {
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
