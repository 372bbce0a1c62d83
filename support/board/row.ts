import { formatDuration } from '../duration.ts'
import { shareOf } from '../requirements/verdict.ts'
import type { LedgerLine } from '../trace/ledger.ts'
import type { Entry, Standing } from './entries.ts'
import { type Html, html } from './html.ts'
import { classOf, timeOf } from './words.ts'

const signs: Readonly<Record<Standing, string>> = {
  satisfied: '✓',
  violated: '✗',
  accepted: '!',
  undetermined: '?',
  'not applicable': '–',
  'not run': '○',
  human: '☺',
  later: '…',
}

/** A sign for a standing, so that its colour is not all that tells it. */
export function signOf(standing: Standing): string {
  return signs[standing]
}

/** One requirement: a line that opens to everything that is known of it. */
export function renderEntry(entry: Entry, systems: Readonly<Record<string, string>>): Html {
  const { row, standing, later } = entry
  const { requirement, proof } = row
  const { id, says, kind } = requirement
  return html`<details class="requirement" id="${id}" data-document="${requirement.document.id}" data-system="${requirement.systems.join(' ')}" data-kind="${kind}" data-verdict="${standing}" data-proof="${proof ?? ''}" data-later="${later ?? ''}">
<summary><span class="standing ${classOf(standing)}"><span aria-hidden="true">${signOf(standing)}</span> ${standing}</span> <code>${id}</code> <span class="says">${says}</span>${proof === null ? undefined : html` <span class="proof ${proof}">${proof}</span>`}</summary>
<dl>${factsOf(entry, systems).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</details>
`
}

type Fact = readonly [name: string, value: Html | string]

function factsOf(entry: Entry, systems: Readonly<Record<string, string>>): Fact[] {
  const { requirement } = entry.row
  const { document, section, criteria, source, interpretation, level, kind, withinMs, disruptive, sameAs } = requirement
  const about = [
    level,
    kind,
    ...(withinMs === undefined ? [] : [`within ${formatDuration(withinMs)}`]),
    ...(disruptive ? ['disruptive'] : []),
  ]
  return [
    ['Source', [document.title, section, ...criteria, ...(source === undefined ? [] : [source])].join(' · ')],
    ['Systems', requirement.systems.map(system => systems[system] ?? system).join(', ')],
    ['Promise', about.join(', ')],
    ...optional('Interpretation', interpretation),
    ...optional('Same as', sameAs === undefined ? undefined : linkTo(sameAs)),
    ...optional('Later, because it', entry.later),
    ...scenarioFacts(entry),
    ...verdictFacts(entry),
    ...proofFacts(entry),
    ['Link', linkTo(requirement.id)],
  ]
}

function optional(name: string, value: Html | string | undefined): Fact[] {
  return value === undefined ? [] : [[name, value]]
}

function linkTo(id: string): Html {
  return html`<a href="#open=${id}">${id}</a>`
}

function scenarioFacts({ row: { scenarios, outdated, coverage } }: Entry): Fact[] {
  if (scenarios.length === 0) return []
  const items = scenarios.map(({ name, file, line, disruptive, slow }) => {
    const tags = [...(disruptive ? ['disruptive'] : []), ...(slow ? ['slow'] : [])]
    return html`<li>${name} <code>${file}:${line}</code>${tags.length === 0 ? undefined : ` (${tags.join(', ')})`}</li>`
  })
  const isOutdated = outdated && coverage === 'scenario'
  const note = isOutdated ? html`<p class="warning">Written for an earlier wording of the requirement.</p>` : undefined
  return [[scenarios.length === 1 ? 'Scenario' : 'Scenarios', html`<ul>${items}</ul>${note}`]]
}

function verdictFacts({ standing, last, history, row: { scenarios } }: Entry): Fact[] {
  if (scenarios.length === 0) return []
  const facts: Fact[] = []
  if (last === undefined) {
    facts.push(['Last verdict', history.length === 0 ? 'no run on record' : 'none since the requirement was reworded'])
  } else {
    const message = last.message === null ? undefined : html`<pre>${last.message}</pre>`
    facts.push(['Last verdict', html`${standing}, ${timeOf(last.startedAt)} on ${last.target}${message}`])
    facts.push(...optional('Headroom', headroomOf(last)))
  }
  if (history.length > 0) facts.push(['History', html`<ol class="history">${history.map(historyItem)}</ol>`])
  return facts
}

/** What is left of the deadline; undefined where there is none, or the fact did not come true. */
function headroomOf(line: LedgerLine): Html | undefined {
  const share = shareOf(line)
  if (share === undefined || line.deadlineMs === null || line.timeToTrueMs === null) return undefined
  const left = Math.round(100 * (1 - share))
  const bar = html`<meter min="0" max="1" value="${Math.min(1, share)}">${left} % left</meter>`
  return html`${bar} ${formatDuration(line.timeToTrueMs)} of ${formatDuration(line.deadlineMs)}: ${left} % left`
}

function historyItem(line: LedgerLine): Html {
  const standing = line.verdict === 'violated' && line.accepted ? 'accepted' : line.verdict
  const took = line.timeToTrueMs === null ? '' : `, ${formatDuration(line.timeToTrueMs)}`
  return html`<li><span class="standing ${classOf(standing)}"><span aria-hidden="true">${signs[standing]}</span> ${standing}</span> ${timeOf(line.startedAt)} on ${line.target}${took}</li>`
}

function proofFacts({ row: { proof: state, scenarios }, proof }: Entry): Fact[] {
  if (scenarios.length === 0) return []
  if (state === null || proof === undefined) return [['Proof', 'none on record: npm run prove']]
  const faults = proof.faults.map(
    ({ fault, outcome, text }) => html`<li><b>${outcome}</b> <code>${fault}</code> ${text}</li>`,
  )
  const cause = proof.cause === null ? '' : `: ${proof.cause}`
  return [
    ['Proof', html`${state}${cause}; ${proof.known} faults are known, on record are:<ul class="faults">${faults}</ul>`],
  ]
}
