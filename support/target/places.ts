import { type SystemName, systemNames } from '../system-names.ts'
import type { Target } from './target.ts'

/** Something of a target that answers over HTTP. */
export interface TargetPlace {
  readonly system: SystemName
  /** For people: `object storage`, `tempo`. */
  readonly name: string
  readonly url: URL
  readonly ca: string | undefined
}

/** The object storage and every system that has an address of its own. */
export function placesOf({ s3, systems }: Pick<Target, 's3' | 'systems'>): TargetPlace[] {
  return [
    ...(s3 === undefined ? [] : [{ system: 's3' as const, name: 'object storage', url: s3.endpoint, ca: s3.ca }]),
    ...systemNames.flatMap(name => {
      const system = systems[name]
      if (system === undefined || !('http' in system)) return []
      return [{ system: name, name, url: system.http.url, ca: system.http.ca }]
    }),
  ]
}
