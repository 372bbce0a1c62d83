import type { Rule } from '../../faults/rule.ts'
import type { Certificates } from '../certificates.ts'
import type { ProxiedPort } from './place.ts'

/** What the proxy's thread is started with. */
export interface ThreadData {
  readonly ports: readonly ProxiedPort[]
  readonly certificates: Certificates | undefined
}

/** What the proxy's thread is told, and each time answers with an `Answer` of the same number. */
export type Order = { readonly number: number } & (
  | { readonly do: 'open' }
  | { readonly do: 'set rules'; readonly rules: readonly Rule[] }
  | { readonly do: 'tell strikes' }
  | { readonly do: 'close' }
)

export interface OrderAnswer {
  readonly number: number
  readonly strikes: readonly number[]
  /** Why it could not be done. */
  readonly failure?: string
}
