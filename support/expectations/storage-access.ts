import type { Attempt } from '../drivers/storage-account.ts'
import { Unmet } from '../errors.ts'
import { firstFew } from './trace-differences.ts'

/** Accepts attempts of which each was allowed, and a read that gave these bytes. */
export const mayDoAll =
  (content: Buffer) =>
  (attempts: readonly Attempt[]): void => {
    if (attempts.length === 0) throw new RangeError('no attempt at all proves nothing')
    const refused = attempts.filter(({ allowed }) => !allowed)
    const lines = refused.map(({ access, bucket, refusal }) => `it may not ${access} in ${bucket} (${refusal})`)
    const read = attempts.find(({ access }) => access === 'read')
    if (read?.allowed === true && read.content?.equals(content) !== true)
      lines.push(`what it reads in ${read.bucket} is not what it wrote there`)
    if (lines.length > 0) throw new Unmet(firstFew(lines))
  }

/** Accepts attempts of which each was refused; tells also of what they may have left behind. */
export const mayDoNothing = (attempts: readonly Attempt[]): void => {
  if (attempts.length === 0) throw new RangeError('no attempt at all proves nothing')
  const allowed = attempts.filter(attempt => attempt.allowed)
  if (allowed.length === 0) return
  const isDeleted = (written: Attempt) =>
    allowed.some(each => each.access === 'delete' && each.bucket === written.bucket)
  const left = allowed.filter(attempt => attempt.access === 'write' && !isDeleted(attempt))
  throw new Unmet(
    firstFew([
      ...left.map(({ bucket, key }) => `it may write in ${bucket}, where ${key} stays: remove it by hand`),
      ...allowed
        .filter(attempt => !left.includes(attempt))
        .map(({ access, bucket }) => `it may ${access} in ${bucket}`),
    ]),
  )
}

/** Accepts a list that holds each of these keys. */
export const listsAll =
  (keys: readonly string[]) =>
  ({ allowed, refusal, bucket, keys: listed = [] }: Attempt): void => {
    if (keys.length === 0) throw new RangeError('a bucket of which nothing is known proves nothing')
    if (!allowed) throw new Unmet(`it may not list ${bucket} (${refusal})`)
    const missing = keys.filter(key => !listed.includes(key))
    if (missing.length > 0)
      throw new Unmet(`${keys.length - missing.length} of ${keys.length} objects; missing ${missing[0]}`)
  }
