import { Unmet } from '../errors.ts'

/**
 * Accepts a counter that has grown by at least so much since it was read before. A counter that is absent has not begun
 * to count; one that is smaller than before was reset by a restart, and counts from zero.
 */
export const grewBy =
  (before: number | undefined, amount: number) =>
  (after: number | undefined): void => {
    if (!(amount > 0)) throw new RangeError('a counter that need not grow proves nothing')
    if (after === undefined) throw new Unmet('there is no such counter yet')
    const base = before === undefined || after < before ? 0 : before
    if (after - base < amount)
      throw new Unmet(`the counter grew by ${after - base}, from ${base} to ${after}, not by ${amount}`)
  }

/** Accepts a counter that counts something. */
export const isCounting = (value: number | undefined): void => {
  if (value === undefined) throw new Unmet('there is no such counter')
  if (!(value > 0)) throw new Unmet(`the counter is ${value}`)
}
