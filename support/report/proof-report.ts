import { formatDuration } from '../duration.ts'
import { figuresOf } from '../proofs/figures.ts'
import type { Pair, PairOutcome } from '../proofs/proof.ts'
import type { ProofEntry } from '../proofs/proofs-file.ts'
import { fit, type Style } from './style.ts'

const outcomeColumns = 'not injected'.length
const idColumns = 'tempo-mimir.007.10'.length

/** One line for a fault and a requirement: `noticed   query-loses-a-span   tempo-mimir.006.2   3 of 4 spans; missing ...`. */
export function renderPair({ outcome, fault, requirement, text }: Pair, faultColumns: number, style: Style): string {
  const head = `${outcome.padEnd(outcomeColumns)}  ${fault.padEnd(faultColumns)}  ${requirement.padEnd(idColumns)}`
  const line = fit(`${head}  ${text}`.trimEnd(), style.width)
  return painterOf(outcome, style)(line.slice(0, outcome.length)) + line.slice(outcome.length)
}

/** What a run of `prove` ends with. */
export interface ProofReport {
  readonly pairs: readonly Pair[]
  readonly entries: readonly ProofEntry[]
  /** What there is no generic fault for, one line each. */
  readonly missing: readonly string[]
  readonly wallMs: number
  readonly file: string
}

/** What is wrong in full, then what is not proven and why, then the figures. */
export function renderProofReport({ pairs, entries, missing, wallMs, file }: ProofReport, style: Style): string {
  const parts = [
    block('contradicted: a fault was there, and was not noticed as it should be', pairsIn(pairs, 'missed'), style),
    block('false alarms: red without a reason', pairsIn(pairs, 'false alarm'), style),
    block('not injected: nothing is known of these', pairsIn(pairs, 'not injected'), style),
    block('not proven', unproven(entries), style),
    block('no generic fault', missing, style),
    [
      countStates(entries, style),
      countFaults(pairs, style),
      ...countSecondLooks(pairs),
      `in ${formatDuration(wallMs)}`,
    ],
    [`written: ${file}`],
  ]
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

function countSecondLooks(pairs: readonly Pair[]): string[] {
  const { secondLooks } = figuresOf(pairs)
  if (secondLooks === 0) return []
  return [`${secondLooks} ${secondLooks === 1 ? 'fault was' : 'faults were'} decided at a second look, alone`]
}

function pairsIn(pairs: readonly Pair[], outcome: PairOutcome): string[] {
  return pairs
    .filter(pair => pair.outcome === outcome)
    .map(({ fault, requirement, text }) => `${fault}  ${requirement}  ${text}`)
}

/** Those that share a cause share a line; what a fault says of itself is told above already. */
function unproven(entries: readonly ProofEntry[]): string[] {
  const open = entries.filter(({ state, faults }) => state === 'unproven' && faults.every(isCalm))
  const byCause = Map.groupBy(open, ({ cause }) => cause ?? 'nothing is known of it')
  return [...byCause].map(([cause, own]) => `${cause}: ${own.map(({ id }) => id).join(', ')}`)
}

function isCalm({ outcome }: { readonly outcome: PairOutcome }): boolean {
  return outcome === 'noticed' || outcome === 'green'
}

function countStates(entries: readonly ProofEntry[], { colors }: Style): string {
  const count = (state: ProofEntry['state']) => entries.filter(entry => entry.state === state).length
  const others = (['contradicted', 'unproven'] as const).filter(state => count(state) > 0)
  const text = [
    `${entries.length} requirements: ${count('proven')} proven`,
    ...others.map(state => `${count(state)} ${state}`),
  ].join(', ')
  return count('contradicted') > 0 ? colors.red(text) : colors.green(text)
}

function countFaults(pairs: readonly Pair[], { colors }: Style): string {
  const { injected, noticed, falseAlarms, quiet } = figuresOf(pairs)
  const rate =
    injected === 0
      ? 'no fault was injected'
      : `detection rate ${percent(noticed, injected)} (${noticed} of ${injected} faults noticed)`
  const text = `${rate}, false alarms ${falseAlarms.length} of ${quiet}`
  return noticed < injected || falseAlarms.length > 0 ? colors.red(text) : text
}

/** Rounded down, so that 100 % means all. */
function percent(part: number, whole: number): string {
  return `${Math.floor((1_000 * part) / whole) / 10} %`
}

function block(text: string, lines: readonly string[], { colors }: Style): string[] {
  return lines.length === 0 ? [] : [colors.bold(text), ...lines.map(line => `  ${line}`)]
}

function painterOf(outcome: PairOutcome, { colors }: Style): (text: string) => string {
  if (outcome === 'noticed' || outcome === 'green') return colors.green
  return outcome === 'not injected' ? colors.magenta : colors.red
}
