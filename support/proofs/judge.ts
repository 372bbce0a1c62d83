import type { Fault } from '../faults/fault.ts'
import { compilePattern } from '../faults/pattern.ts'
import type { Outcome, Fault as Whose } from '../observation.ts'
import type { Pair, PairOutcome } from './proof.ts'

/** What a run under a fault found of one scenario. */
interface SeenScenario {
  readonly name: string
  readonly verdict: Outcome
  readonly fault: Whose | null
  readonly within: 'Given' | 'When' | 'Then' | null
  readonly message: string | null
  readonly first: string | null
  readonly last: string | null
}

/** What a run found of one requirement. */
export interface SeenRequirement {
  readonly id: string
  readonly verdict: Outcome
  /** It is violated, and the target knows of it. */
  readonly accepted: boolean
  readonly scenarios: readonly SeenScenario[]
}

/** A run under a fault. */
export interface SeenRun {
  readonly requirements: readonly SeenRequirement[]
  /** How often each rule of the fault struck. */
  readonly strikes: readonly number[]
  readonly tookMs: number
  /** Why the run says nothing, where it does not. */
  readonly failure?: string
}

/** A fault whose run is judged: of some faults each scenario must go red by itself. */
export type Judged = Fault & { readonly scenarios?: readonly string[] }

/** How much of a line is told before what the pattern fits, in characters. */
const shownBefore = 30

type Found = Pick<Pair, 'outcome' | 'text'>

/** What came of a fault, for each of these requirements that it touches or leaves. */
export function judgeRun(fault: Judged, requirements: ReadonlySet<string>, run: SeenRun): Pair[] {
  const touched = touchedBy(fault)
  const absent = notInjected(fault, run)
  // Of a fault that was not there it is of no interest what it left alone, unless that was all it is for.
  const judged = absent === undefined || touched.length === 0 ? [...touched, ...fault.leaves] : touched
  return judged
    .filter(id => requirements.has(id))
    .map(requirement => {
      const found = absent ?? judgePair(fault, requirement, run)
      return { fault: fault.id, requirement, ...found, tookMs: run.tookMs }
    })
}

/** The requirements in which a fault must be noticed. */
export function touchedBy({ refutes, undecides, mends }: Pick<Fault, 'refutes' | 'undecides' | 'mends'>): string[] {
  return [...Object.keys(refutes), ...Object.keys(undecides), ...mends]
}

function notInjected({ id, rules }: Judged, { failure, strikes }: SeenRun): Found | undefined {
  if (failure !== undefined) return { outcome: 'not injected', text: failure }
  // A fault that is not about one system alone has a rule for each that there is.
  const isGeneric = id.includes('/')
  if (isGeneric && strikes.some(count => count > 0)) return undefined
  const idle = rules.flatMap((rule, index) => ((strikes[index] ?? 0) > 0 ? [] : [`rule ${index + 1} (at ${rule.at})`]))
  if (idle.length === 0) return undefined
  return { outcome: 'not injected', text: `the fault is defective: ${idle.join(' and ')} struck nothing` }
}

function judgePair(fault: Judged, requirement: string, run: SeenRun): Found {
  const seen = run.requirements.find(({ id }) => id === requirement)
  if (seen === undefined) return { outcome: 'not injected', text: 'the run says nothing of it' }
  const refuted = fault.refutes[requirement]
  if (refuted !== undefined) return judgeRed(seen, refuted, fault.scenarios ?? [])
  const undecided = fault.undecides[requirement]
  if (undecided !== undefined) return judgeUndecided(seen, undecided)
  if (fault.mends.includes(requirement)) {
    return seen.verdict === 'satisfied'
      ? { outcome: 'noticed', text: 'green with what the fault supplies' }
      : not('missed', seen)
  }
  const green = seen.verdict === 'satisfied' || seen.accepted
  return green ? { outcome: 'green', text: '' } : not('false alarm', seen)
}

/** Red for the reason that the fault gives, in a step that is not a preparation. */
function judgeRed(seen: SeenRequirement, shows: string, each: readonly string[]): Found {
  if (seen.verdict !== 'violated') return not('missed', seen)
  const pattern = compilePattern(shows)
  const red = seen.scenarios.filter(({ verdict, fault }) => verdict === 'violated' && fault === 'product')
  const proving = red.filter(scenario => scenario.within !== 'Given' && pattern.test(textOf(scenario)))
  const [first] = proving
  if (first === undefined) {
    const given = red.find(scenario => scenario.within === 'Given')
    if (given !== undefined) return { outcome: 'missed', text: `it failed in a Given: ${inBrief(given)}` }
    return { outcome: 'missed', text: `red, but it does not show /${shows}/: ${red[0] ? inBrief(red[0]) : 'nothing'}` }
  }
  const names = new Set(proving.map(({ name }) => name))
  const unmoved = each.find(name => !names.has(name))
  if (unmoved !== undefined) {
    const scenario = seen.scenarios.find(({ name }) => name === unmoved)
    return { outcome: 'missed', text: `"${unmoved}" is ${scenario === undefined ? 'not there' : described(scenario)}` }
  }
  return { outcome: 'noticed', text: excerpt(textOf(first), pattern) }
}

function judgeUndecided(seen: SeenRequirement, { whose, shows }: Fault['undecides'][string]): Found {
  if (seen.verdict !== 'undetermined') return not('missed', seen)
  const pattern = compilePattern(shows)
  const undecided = seen.scenarios.filter(({ verdict }) => verdict === 'undetermined')
  const fitting = undecided.find(scenario => scenario.fault === whose && pattern.test(textOf(scenario)))
  if (fitting !== undefined)
    return { outcome: 'noticed', text: `undetermined (${whose}): ${excerpt(textOf(fitting), pattern)}` }
  const other = undecided.find(scenario => scenario.fault !== whose)
  if (other !== undefined)
    return { outcome: 'missed', text: `a fault of the ${other.fault}, not of the ${whose}: ${inBrief(other)}` }
  return { outcome: 'missed', text: `it does not show /${shows}/: ${undecided[0] ? inBrief(undecided[0]) : 'nothing'}` }
}

/** The requirement came out in another way than it should. */
function not(outcome: PairOutcome, seen: SeenRequirement): Found {
  return { outcome, text: describeSeen(seen) }
}

/** A verdict and what it is about, on one line. */
export function describeSeen({ verdict, scenarios }: SeenRequirement): string {
  const deciding = scenarios.find(scenario => scenario.verdict === verdict)
  return deciding === undefined ? verdict : described(deciding)
}

function described(scenario: SeenScenario): string {
  const text = inBrief(scenario)
  const whose = scenario.verdict === 'undetermined' && scenario.fault !== null ? ` (${scenario.fault})` : ''
  return `${scenario.verdict}${whose}${text === '' ? '' : `: ${text}`}`
}

/** Everything that a person reads of it. */
function textOf({ message, last, first }: SeenScenario): string {
  return [message, last, first].filter(part => part !== null).join('\n')
}

/** The last answer says most; else the first line of the message. */
function inBrief({ message, last }: SeenScenario): string {
  return oneLine(last ?? message ?? '')
}

/** The line in which the pattern begins to fit, from shortly before that on. */
function excerpt(text: string, pattern: RegExp): string {
  const at = pattern.exec(text)?.index ?? 0
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  const start = Math.max(lineStart, at - shownBefore)
  return oneLine(`${start > lineStart ? '…' : ''}${text.slice(start)}`)
}

function oneLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, 400)
}
