import { UsageError } from './errors.ts'

/** One part of all scenarios: those of which Cucumber counts every `total`-th, beginning with `index` (1 is the first). */
export interface Shard {
  readonly index: number
  readonly total: number
}

/** @throws UsageError for anything but such as 2/3 */
export function parseShard(text: string): Shard {
  const [, index = 0, total = 0] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? []
  if (index < 1 || index > total) throw new UsageError(`--shard ${text}: expected a part of all, such as 2/3`)
  return { index, total }
}

export function describeShard({ index, total }: Shard): string {
  return `shard ${index} of ${total}`
}
