import type { Fault } from './fault.ts'
import type { Generic } from './generic.ts'
import { compilePattern } from './pattern.ts'
import type { Rule } from './rule.ts'
import { fillRule } from './rule-template.ts'

/** A fact that a scenario awaited, as it was measured without a fault. Milliseconds. */
export interface AwaitedFact {
  /** `<requirement> | <scenario> | <step>`. */
  readonly key: string
  readonly requirement: string
  readonly scenario: string
  readonly kind: 'deadline' | 'patience'
  readonly originalMs: number
  /** The longest that it took to come true. */
  readonly longestMs: number
  /** By which it was asked; some of them where there were many. */
  readonly requests: readonly string[]
}

/** A fault that follows from what was measured, and what holds in its run only. */
export interface GeneratedFault extends Fault {
  /** By key, how long these facts are awaited in its run, instead of what others get. */
  readonly lengths: Readonly<Record<string, number>>
  /** How much longer preparations are given, which may ask the same; milliseconds. */
  readonly slackMs: number
  /** Scenarios of the requirement that it refutes; each of them must go red. Empty: any of them. */
  readonly scenarios: readonly string[]
}

/** The faults, and what there is none for. */
export interface Generated {
  readonly faults: readonly GeneratedFault[]
  /** Lines such as `no generic fault for the deadline of tempo-mimir.006.1: ...`. */
  readonly missing: readonly string[]
}

/** So many answers may be held back while a scenario is being prepared. */
const heldInPreparation = 10
/** An answer held back for longer than one ask lasts would be asked for again. */
const longestHoldMs = 9_000
const shortestDeadlineMs = 1_000
/** How much of a deadline an answer may need by itself at most, so that "just in time" means something. */
const shareOfHold = 0.85

/**
 * The faults that follow from what scenarios ask, for those requirements that asked it. What a requirement promises an
 * absence of is named by the entry.
 */
export function generateFaults(generic: readonly Generic[], facts: readonly AwaitedFact[]): Generated {
  const faults = generic.flatMap(entry => {
    const asked = facts.filter(fact => isOfKind(fact, entry))
    return [...alwaysFaults(entry, asked), ...lateFaults(entry, asked)]
  })
  return { faults, missing: missingFor(generic, facts, faults) }
}

function isOfKind({ requests, requirement }: AwaitedFact, { asks, only }: Generic): boolean {
  if (only.length > 0 && !only.includes(requirement)) return false
  const pattern = compilePattern(asks)
  return requests.some(request => pattern.test(request))
}

function alwaysFaults(entry: Generic, asked: readonly AwaitedFact[]): GeneratedFault[] {
  const { kind, never, almost } = entry
  const parts = [
    ...(never === undefined ? [] : [{ id: `never/${kind}`, ...never }]),
    ...almost.map(each => ({ id: `almost/${kind}/${each.name}`, ...each })),
  ]
  return parts.flatMap(({ id, breaks, rules, shows, except }) => {
    const spared = [...entry.except, ...except]
    const requirements = [...new Set(asked.map(({ requirement }) => requirement))].filter(
      each => !spared.includes(each),
    )
    if (requirements.length === 0) return []
    const leaves = entry.leaves.filter(each => !requirements.includes(each))
    const refutes = Object.fromEntries(requirements.map(each => [each, shows]))
    return [{ ...faultOf(id, breaks, rules), refutes, leaves }]
  })
}

/** For each requirement with a deadline two faults: a little too late, and just in time. */
function lateFaults({ kind, late }: Generic, asked: readonly AwaitedFact[]): GeneratedFault[] {
  if (late === undefined) return []
  const spared = late.except
  const inTime = asked.filter(({ kind: of, requirement }) => of === 'deadline' && !spared.includes(requirement))
  return [...Map.groupBy(inTime, ({ requirement }) => requirement)].flatMap(([requirement, own]) => {
    const ownMs = Math.max(...own.map(({ longestMs }) => longestMs))
    const originalMs = Math.min(...own.map(({ originalMs }) => originalMs))
    const deadlineMs = Math.round(deadlineFor(ownMs, originalMs, late))
    const lengths = Object.fromEntries(own.map(({ key }) => [key, deadlineMs]))
    const rulesFor = (holdMs: number): Rule[] => late.rules.map(template => fillRule(template, holdMs))
    const tooLateMs = Math.round(deadlineMs * 1.05 + 50 + late.ahead)
    const tooLate: GeneratedFault = {
      ...faultOf(
        `late/${requirement}/${kind}`,
        `The answer comes after ${tooLateMs} ms, where ${deadlineMs} ms are allowed.`,
        rulesFor(tooLateMs),
      ),
      refutes: { [requirement]: late.shows },
      lengths,
      slackMs: tooLateMs * heldInPreparation,
      scenarios: [...new Set(own.map(({ scenario }) => scenario))],
    }
    const justMs = Math.round(justInTime(deadlineMs, ownMs, late))
    if (justMs <= 0) return [tooLate]
    const just = `The answer comes after ${justMs} ms and what it takes by itself, where ${deadlineMs} ms are allowed.`
    const inTimeId = `in-time/${requirement}/${kind}`
    return [
      tooLate,
      { ...faultOf(inTimeId, just, rulesFor(justMs)), leaves: [requirement], lengths, slackMs: tooLate.slackMs },
    ]
  })
}

type Late = NonNullable<Generic['late']>

/** Short, but with room for what the answer takes by itself. */
function deadlineFor(ownMs: number, originalMs: number, { by, slack }: Late): number {
  const ownShare = by === 'delay' ? 2 * ownMs + 100 : 0
  const room = Math.min((ownShare + slack) / (1 - shareOfHold), longestHoldMs)
  return Math.min(originalMs, Math.max(shortestDeadlineMs, 3 * ownMs, room))
}

/** How long an answer can be held back and still be in time. */
function justInTime(deadlineMs: number, ownMs: number, { by, slack }: Late): number {
  if (by === 'absent') return deadlineMs * shareOfHold - slack
  return Math.min(deadlineMs * shareOfHold, deadlineMs - 2 * ownMs - 100 - slack, longestHoldMs)
}

function faultOf(id: string, breaks: string, rules: readonly Rule[]): GeneratedFault {
  return {
    id,
    breaks,
    rules: [...rules],
    servers: {},
    cluster: [],
    target: {},
    refutes: {},
    undecides: {},
    mends: [],
    leaves: [],
    slow: false,
    lengths: {},
    slackMs: 0,
    scenarios: [],
  }
}

function missingFor(
  generic: readonly Generic[],
  facts: readonly AwaitedFact[],
  faults: readonly GeneratedFault[],
): string[] {
  const tried = new Set(faults.flatMap(({ lengths }) => Object.keys(lengths)))
  const inTime = new Set(
    faults
      .filter(({ leaves, refutes }) => leaves.length > 0 && Object.keys(refutes).length === 0)
      .flatMap(({ lengths }) => Object.keys(lengths)),
  )
  return facts.flatMap(fact => {
    const { key, kind, requests } = fact
    const asked = requests[0] === undefined ? 'it tells of no request' : `it asks ${requests[0]}`
    if (!generic.some(entry => isOfKind(fact, entry))) return [`no generic fault for ${key}: no kind fits; ${asked}`]
    if (kind === 'patience') return []
    if (!tried.has(key)) return [`no generic fault for the deadline of ${key}; ${asked}`]
    return inTime.has(key) ? [] : [`nothing comes just in time for ${key}: the answer takes too long by itself`]
  })
}
