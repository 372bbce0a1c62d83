import { Unmet } from '../errors.ts'

interface Rule {
  readonly id: string
  readonly enabled: boolean
  readonly prefix: string
  readonly limited: boolean
  readonly expirationDays: number | undefined
}

/** Accepts lifecycle rules of which one expires every object below a prefix after exactly so many days, and none sooner. */
export const expiresAfter =
  (days: number, prefix: string) =>
  (rules: readonly Rule[]): void => {
    const touching = rules.filter(
      rule => rule.enabled && (prefix.startsWith(rule.prefix) || rule.prefix.startsWith(prefix)),
    )
    const sooner = touching.find(rule => rule.expirationDays !== undefined && rule.expirationDays < days)
    if (sooner !== undefined) throw new Unmet(`${describe(sooner)} expires before ${days} days`)
    if (touching.some(rule => !rule.limited && prefix.startsWith(rule.prefix) && rule.expirationDays === days)) return
    const which = prefix === '' ? 'everything' : `everything below ${JSON.stringify(prefix)}`
    throw new Unmet(`no enabled rule expires ${which} after ${days} days: ${tell(rules)}`)
  }

/** Accepts lifecycle rules of which at least one is enabled. */
export const hasEnabledRule = (rules: readonly Rule[]): void => {
  if (!rules.some(({ enabled }) => enabled)) throw new Unmet(`no rule is enabled: ${tell(rules)}`)
}

function tell(rules: readonly Rule[]): string {
  return rules.length === 0 ? 'the bucket has no lifecycle rules' : rules.map(describe).join('; ')
}

function describe({ id, enabled, prefix, limited, expirationDays }: Rule): string {
  const what = `${prefix === '' ? 'all objects' : `objects below ${JSON.stringify(prefix)}`}${limited ? ', of some tags or sizes only' : ''}`
  const when = expirationDays === undefined ? 'not expired by age' : `${expirationDays} days`
  return `rule ${JSON.stringify(id)} (${enabled ? '' : 'disabled, '}${what}, ${when})`
}
