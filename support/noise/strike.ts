import type { Rule } from '../faults/rule.ts'
import type { LabSystemName } from '../system-names.ts'

/**
 * Noise: what a network and busy servers do to requests without any promise being broken. It strikes asks, never a push,
 * and each strike is bounded, so that whoever asks again is answered within any deadline.
 */

/** What the suite asks, by where it asks it. */
const asks = {
  'trace by id': { at: 'tempo.http', when: { method: 'GET', path: '^/api/traces/' } },
  'trace in memory': { at: 'tempo.http', when: { method: 'GET', path: 'mode=ingesters' } },
  'trace in blocks': { at: 'tempo.http', when: { method: 'GET', path: 'mode=blocks' } },
  search: { at: 'tempo.http', when: { method: 'GET', path: '^/api/search' } },
  configuration: { at: 'tempo.http', when: { method: 'GET', path: '^/status/config' } },
  metrics: { at: 'tempo.http', when: { method: 'GET', path: '^/metrics' } },
  'list of objects': { at: 'minio.s3', when: { account: 'acceptance', method: 'GET', path: 'list-type=2' } },
  object: {
    at: 'minio.s3',
    when: { account: 'acceptance', method: 'GET', path: '/(meta\\.json|data\\.parquet|index|chunks/\\d+)$' },
  },
  'list of buckets': { at: 'minio.s3', when: { account: 'acceptance', method: 'GET', path: '^/(\\?|$)' } },
  versioning: { at: 'minio.s3', when: { account: 'acceptance', method: 'GET', path: 'versioning' } },
  lifecycle: { at: 'minio.s3', when: { account: 'acceptance', method: 'GET', path: 'lifecycle' } },
  'state of a process': { at: 'lab.control', when: { method: 'GET', path: '^/processes/[^/]+$' } },
  'log of a process': { at: 'lab.control', when: { method: 'GET', path: '/log' } },
  "Mimir's instant query": { at: 'mimir.http', when: { method: 'GET', path: '/api/v1/query\\?' } },
  "Mimir's range query": { at: 'mimir.http', when: { method: 'GET', path: '/api/v1/query_range' } },
  "Mimir's configuration": { at: 'mimir.http', when: { method: 'GET', path: '^/config' } },
  "Mimir's metrics": { at: 'mimir.http', when: { method: 'GET', path: '^/metrics' } },
  "Prometheus' instant query": { at: 'prometheus.http', when: { method: 'GET', path: '/api/v1/query\\?' } },
  "Prometheus' range query": { at: 'prometheus.http', when: { method: 'GET', path: '/api/v1/query_range' } },
  "Prometheus' configuration": { at: 'prometheus.http', when: { method: 'GET', path: '/api/v1/status/config' } },
  "Prometheus' targets": { at: 'prometheus.http', when: { method: 'GET', path: '/api/v1/targets' } },
  "Prometheus' metrics": { at: 'prometheus.http', when: { method: 'GET', path: '/metrics' } },
} as const satisfies Record<string, Pick<Rule, 'at' | 'when'>>

export type Ask = keyof typeof asks

/** What is asked where these systems run: of them, of their storage and of the lab. */
export function asksOf(systems: readonly LabSystemName[]): Ask[] {
  const places: readonly string[] = [...systems, 'minio', 'lab']
  return (Object.keys(asks) as Ask[]).filter(ask => places.includes(asks[ask].at.split('.')[0] ?? ''))
}

/** What happens to an ask instead of its answer, or on the answer's way. */
export const disturbances = {
  'connection reset': { reset: true },
  'answered 503': { answer: { status: 503, body: 'busy' } },
  'answered 429': { answer: { status: 429, body: 'too many requests' } },
  'answer slow': { delay: 700 },
  'answer cut off': { truncate: 20 },
} as const satisfies Record<string, Rule['do']>

export type Disturbance = keyof typeof disturbances

/** One disturbance of one ask: of the `nth` (0 is the first) to each path. */
export interface NoiseStrike {
  readonly ask: Ask
  readonly nth: number
  readonly disturbance: Disturbance
}

/** The rules by which a proxy brings these strikes about. */
export function rulesOf(strikes: readonly NoiseStrike[]): Rule[] {
  return strikes.map(({ ask, nth, disturbance }) => ({
    ...asks[ask],
    timing: { ...(nth === 0 ? {} : { skip: nth }), times: 1, each: 'path' },
    do: disturbances[disturbance],
  }))
}

/** `answered 503: 2nd trace by id`, for a person. */
export function describeStrike({ ask, nth, disturbance }: NoiseStrike): string {
  return `${disturbance}: ask ${nth + 1} for each ${ask}`
}
