import type { PortName } from '../../faults/ports.ts'
import type { Rule } from '../../faults/rule.ts'
import { holds, needsReply } from './conditions.ts'
import type { Asked, Reply } from './message.ts'

/** Of a query: who asks again asks about another moment. */
const timeAskedAbout = /(?<=[?&])(?:time|start|end)=[^&]*&?/g

interface Count {
  matches: number
  strikes: number
  firstAt: number
}

/** A rule with what happened to it since it was set. */
interface Entry {
  readonly rule: Rule
  readonly place: number
  readonly counts: Map<string, Count>
  strikes: number
  sinceAt: number | undefined
}

/** A rule that strikes a request. */
export interface Strike {
  readonly rule: Rule
  /** Its place among all rules. */
  readonly place: number
  /** Its change found no place: it has not struck after all. */
  missed(): void
}

/** The rules that hold now, and how often each has struck. Times are milliseconds of the given clock. */
export class RuleBook {
  readonly #entries: readonly Entry[]
  readonly #now: () => number

  constructor(rules: readonly Rule[], now: () => number = () => performance.now()) {
    this.#entries = rules.map((rule, place) => ({ rule, place, counts: new Map(), strikes: 0, sinceAt: undefined }))
    this.#now = now
  }

  get strikes(): number[] {
    return this.#entries.map(({ strikes }) => strikes)
  }

  /** The ports whose requests must be looked at: those with rules, and those at which something is waited for. */
  get ports(): ReadonlySet<PortName> {
    return new Set(this.#entries.flatMap(({ rule }) => [rule.at, rule.timing.since?.at ?? rule.at]))
  }

  rulesAt(port: PortName): Rule[] {
    return this.#entries.filter(({ rule }) => rule.at === port).map(({ rule }) => rule)
  }

  /** The rules that strike a request, decided before it is passed on; then call `answered` for the others. */
  asked(asked: Asked): Strike[] {
    return this.#strikes(asked, undefined)
  }

  /** The rules that strike for what the server answered. */
  answered(asked: Asked, reply: Reply): Strike[] {
    return this.#strikes(asked, reply)
  }

  /** Whether an attempt to connect is refused. */
  refuses(port: PortName): boolean {
    const strikes = this.#entries
      .filter(({ rule }) => rule.at === port && ofConnections(rule))
      .flatMap(entry => this.#strike(entry, ''))
    return strikes.some(({ rule }) => 'refuse' in rule.do)
  }

  #strikes(asked: Asked, reply: Reply | undefined): Strike[] {
    const strikes = this.#entries.flatMap(entry => {
      const { rule } = entry
      const decidable = needsReply(rule.when) === (reply !== undefined)
      if (rule.at !== asked.port || !decidable || ofConnections(rule)) return []
      return holds(rule.when, asked, reply) ? this.#strike(entry, asked.path) : []
    })
    // What is waited for does not count itself, only what comes after it.
    for (const entry of this.#entries) {
      const { at, since } = { at: entry.rule.at, since: entry.rule.timing.since }
      if (since === undefined || entry.sinceAt !== undefined || (since.at ?? at) !== asked.port) continue
      if (needsReply(since) === (reply !== undefined) && holds(since, asked, reply)) entry.sinceAt = this.#now()
    }
    return strikes
  }

  #strike(entry: Entry, path: string): Strike[] {
    const { skip = 0, times = Infinity, after = 0, for: lasting = Infinity, since, each } = entry.rule.timing
    if (since !== undefined && entry.sinceAt === undefined) return []
    const key = each === undefined ? '' : path.replaceAll(timeAskedAbout, '')
    const at = this.#now()
    const count = entry.counts.get(key) ?? { matches: 0, strikes: 0, firstAt: at }
    entry.counts.set(key, count)
    count.matches += 1
    const elapsed = at - (entry.sinceAt ?? count.firstAt)
    if (count.matches <= skip || count.strikes >= times || elapsed < after || elapsed >= lasting) return []
    const struck = (by: 1 | -1) => {
      count.strikes += by
      entry.strikes += by
    }
    struck(1)
    return [{ rule: entry.rule, place: entry.place, missed: () => struck(-1) }]
  }
}

/** Whether a rule is about connections, and not about what is said on them. */
function ofConnections({ do: action }: Rule): boolean {
  return 'refuse' in action || 'certificate' in action
}
