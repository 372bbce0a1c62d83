import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { type Kind, kinds } from '../requirements/schema.ts'
import { type Entry, type Standing, standings } from './entries.ts'
import { type Html, html, raw } from './html.ts'
import { renderEntry, signOf } from './row.ts'
import { classOf, timeOf } from './words.ts'

export interface Board {
  readonly entries: readonly Entry[]
  /** Each system's name as people write it, by its id. */
  readonly systems: Readonly<Record<string, string>>
  readonly made: Date
}

const ownFile = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')

/** The whole page as one file: it asks for nothing, and its policy lets it run nothing but its own script. */
export function boardPage({ entries, systems, made }: Board): string {
  const style = ownFile('board.css')
  const script = stripTypeScriptTypes(ownFile('browser/board.ts'))
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Requirements board</title>
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#requirements">To the requirements</a>
<header>
<h1>Requirements board</h1>
<p>${summaryOf(entries, made)}</p>
</header>
${documentsOf(entries)}
${filtersOf(entries, systems)}
<main id="requirements" tabindex="-1">
${[...byDocument(entries)].map(([id, own]) => sectionOf(id, own, systems))}
<p id="nothing" hidden>No requirement is like this. <button type="reset" form="filters">Show all of them</button></p>
</main>
<script>${raw(script)}</script>
</body>
</html>
`
  return page.text
}

/** As a Content-Security-Policy names what is written in the page itself (W3C, Content Security Policy Level 3). */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function byDocument(entries: readonly Entry[]): Map<string, Entry[]> {
  return Map.groupBy(entries, ({ row }) => row.requirement.document.id)
}

function summaryOf(entries: readonly Entry[], made: Date): string {
  const newest = entries
    .flatMap(({ history }) => history.slice(0, 1))
    .reduce((latest, line) => (latest === '' || line.startedAt > latest ? line.startedAt : latest), '')
  const run = newest === '' ? 'no run on record' : `last run ${timeOf(newest)}`
  return `${figure(entries.length)} requirements; ${run}; page made ${timeOf(made.toISOString())}`
}

function figure(count: number): string {
  return count.toLocaleString('en-US')
}

function documentsOf(entries: readonly Entry[]): Html {
  const items = [...byDocument(entries)].map(([id, own]) => {
    const title = own[0]?.row.requirement.document.title ?? id
    return html`<li><a href="#document=${id}">${title}</a>${barOf(own)}<span class="figures">${figuresOf(own)}</span></li>`
  })
  return html`<nav aria-label="Documents"><ul class="documents">${items}</ul></nav>`
}

/** `254 requirements: 3 human, 251 later`. */
function figuresOf(entries: readonly Entry[]): string {
  const parts = countsOf(entries).map(({ standing, count }) => `${figure(count)} ${standing}`)
  const proven = entries.filter(({ row }) => row.proof === 'proven').length
  const all = `${figure(entries.length)} requirements: ${parts.join(', ')}`
  return proven === 0 ? all : `${all}; ${figure(proven)} proven by faults`
}

function countsOf(entries: readonly Entry[]): { standing: Standing; count: number }[] {
  return standings
    .map(standing => ({ standing, count: entries.filter(entry => entry.standing === standing).length }))
    .filter(({ count }) => count > 0)
}

/** The same as the figures beside it, for the eye only. Widths are attributes, since the policy allows no inline style. */
function barOf(entries: readonly Entry[]): Html {
  let from = 0
  const parts = countsOf(entries).map(({ standing, count }) => {
    const width = (100 * count) / entries.length
    const part = html`<rect class="${classOf(standing)}" x="${from}" y="0" width="${width}" height="8"/>`
    from += width
    return part
  })
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`
}

function sectionOf(id: string, entries: readonly Entry[], systems: Board['systems']): Html {
  const title = entries[0]?.row.requirement.document.title ?? id
  return html`<section class="document" aria-labelledby="document-${id}">
<h2 id="document-${id}">${title} <span class="shown"></span></h2>
${entries.map(entry => renderEntry(entry, systems))}
</section>
`
}

interface Filter {
  readonly name: string
  readonly label: string
  readonly choices: readonly { readonly value: string; readonly text: string; readonly count: number }[]
}

function filtersOf(entries: readonly Entry[], systems: Board['systems']): Html {
  return html`<form id="filters" role="search" aria-label="Filter the requirements">
<label class="words">Words <input type="search" name="words" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></label>
<button type="reset">Clear</button>
${filters(entries, systems).map(
  ({ name, label, choices }) =>
    html`<label>${label} <select name="${name}"><option value="">all</option>${choices.map(
      ({ value, text, count }) => html`<option value="${value}">${text} (${figure(count)})</option>`,
    )}</select></label>`,
)}
<p id="count" role="status" aria-live="polite"></p>
<noscript>Filters need JavaScript. All requirements are shown, and can be opened.</noscript>
</form>`
}

function filters(entries: readonly Entry[], systems: Board['systems']): Filter[] {
  const choicesOf = (
    values: readonly string[],
    of: (entry: Entry) => readonly string[],
    text = (value: string) => value,
  ) =>
    values
      .map(value => ({ value, text: text(value), count: entries.filter(entry => of(entry).includes(value)).length }))
      .filter(({ count }) => count > 0)
  const laters = [...new Set(entries.flatMap(({ later }) => later ?? []))]
  const used = Object.keys(systems).sort((a, b) => (systems[a] ?? a).localeCompare(systems[b] ?? b))
  return [
    {
      name: 'document',
      label: 'Document',
      choices: choicesOf([...byDocument(entries).keys()], ({ row }) => [row.requirement.document.id]),
    },
    {
      name: 'system',
      label: 'System',
      choices: choicesOf(
        used,
        ({ row }) => row.requirement.systems,
        id => systems[id] ?? id,
      ),
    },
    { name: 'kind', label: 'Kind', choices: choicesOf(kinds, ({ row }): Kind[] => [row.requirement.kind]) },
    {
      name: 'verdict',
      label: 'Verdict',
      choices: choicesOf(
        standings,
        ({ standing }) => [standing],
        value => `${signOf(value as Standing)} ${value}`,
      ),
    },
    { name: 'proof', label: 'Proof', choices: choicesOf(proofStates, ({ row }) => [row.proof ?? '']) },
    { name: 'later', label: 'Later, because it', choices: choicesOf(laters, ({ later }) => [later ?? '']) },
  ]
}

const proofStates = ['proven', 'unproven', 'contradicted', 'stale']
