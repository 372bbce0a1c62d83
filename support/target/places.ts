import type { Target } from './target.ts'

/** Something of a target that answers over HTTP. */
export interface TargetPlace {
  /** `object storage`, `tempo`. */
  readonly name: string
  readonly url: URL
  readonly ca: string | undefined
}

/** The object storage and every system that has an address of its own. */
export function placesOf({ s3, systems }: Pick<Target, 's3' | 'systems'>): TargetPlace[] {
  return [
    ...(s3 === undefined ? [] : [{ name: 'object storage', url: s3.endpoint, ca: s3.ca }]),
    ...Object.entries(systems).flatMap(([name, system]) =>
      system === undefined || !('http' in system) ? [] : [{ name, url: system.http.url, ca: system.http.ca }],
    ),
  ]
}
