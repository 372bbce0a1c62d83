import type { Address } from '../target/target.ts'

/** An address with nothing but its URL. */
export function addressOf(url: string): Address {
  return { url: new URL(url), headers: {} }
}
