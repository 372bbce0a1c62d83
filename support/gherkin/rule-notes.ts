import type { Rule } from '@cucumber/messages'

/** What a Rule says of itself below its sentence, a line each. */
export interface RuleNotes {
  /** The revision of the requirement that its scenarios were written for: `Revision: 1a2b3c4d`. */
  readonly revision?: string
  /** Which part of a requirement it is about, where another Rule has the rest: `Part: in the bucket`. */
  readonly part?: string
}

const note = /^\s*(Revision|Part): *(.*?)\s*$/gm

export function notesOf({ description }: Pick<Rule, 'description'>): RuleNotes {
  const notes = new Map([...description.matchAll(note)].map(([, key = '', text = '']) => [key, text]))
  const revision = notes.get('Revision')
  const part = notes.get('Part')
  return { ...(revision && { revision }), ...(part && { part }) }
}

/** The text of a feature with another revision in the Rule that begins at this line; it is added where there is none. */
export function withRevision(text: string, ruleLine: number, revision: string): string {
  const lines = text.split('\n')
  const indent = /^\s*/.exec(lines[ruleLine - 1] ?? '')?.[0] ?? ''
  const written = `${indent}  Revision: ${revision}`
  const end = lines.findIndex((line, index) => index >= ruleLine && /^\s*(?:Background|Scenario|Example|@)/.test(line))
  const at = lines.findIndex((line, index) => index >= ruleLine && index < end && /^\s*Revision:/.test(line))
  if (at === -1) lines.splice(ruleLine, 0, written)
  else lines[at] = written
  return lines.join('\n')
}
