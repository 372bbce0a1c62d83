import { readSentence } from '../requirements/sentence.ts'

/** One requirement in the form that the registry asks for. */
export interface Sentence {
  /** Begins with its condition or with who shall; ends with a full stop. */
  readonly says: string
  readonly level: 'must' | 'should'
  /** Who shall, where the document does not tell and it had to be put in; for a person to look at. */
  readonly subject?: string
}

const openings = 'when|while|where|if'
const conditional = new RegExp(`^(${openings})\\b`, 'i')
/** Tasks tell people what to do, criteria what holds when it is done. */
const imperative =
  /^(?:access|add|apply|build|check|commit|configure|create|define|deploy|document|enable|encrypt|ensure|form|generate|implement|initialize|install|migrate|patch|perform|query|register|remove|run|set|ssh|test|update|validate|verify|wait|write)\b/i
const pronoun = /^(?:it|they|this|that|these|those)$/i

/**
 * The EARS sentences (Mavin et al., RE'09) that a text with "shall" or "SHOULD" makes, each by itself.
 *
 * Documents leave out who shall ("WHEN created, SHALL be encrypted"): `outcome` is put there, a noun phrase such as
 * `the outcome of Story 1.2`. A condition that comes last is put first. Does not throw.
 */
export function sentencesOf(text: string, outcome: string): (Sentence | { readonly reason: string })[] {
  const parts = text.split(/(?<=[a-z0-9)`"][.!?]) (?=[A-Z])/)
  return parts.map(part => sentenceOf(part.trim(), outcome))
}

/** The sentence that a criterion or a task without "shall" makes: that it holds when its section is done. */
export function sentenceOfCriterion(text: string, section: string): Sentence {
  const what = imperative.test(text) ? 'this shall have been carried out' : 'this shall hold'
  const held = withoutStop(text)
    .replaceAll(/([.!?]) (?=[A-Z])/g, '; ')
    .replaceAll(/\bshall\b/gi, 'must')
  return { says: `When ${section} is done, ${what}: ${held}.`, level: 'must' }
}

function sentenceOf(text: string, outcome: string): Sentence | { readonly reason: string } {
  const level = /\bshall\b/i.test(text) ? 'must' : 'should'
  const plain = withKeywords(withUnits(withoutStop(text)))
  if (!/\bshall\b/.test(plain)) return { reason: 'stands beside a requirement, and holds no "shall"' }
  const { says, subject } = withSubject(conditionFirst(plain), outcome)
  const sentence = `${capitalized(says)}.`
  const read = readSentence(sentence)
  if ('fault' in read) return { reason: read.fault }
  return { says: sentence, level, ...(subject !== undefined && { subject }) }
}

function withoutStop(text: string): string {
  return text.replace(/[.;:\s]+$/, '')
}

/** The keywords of EARS as the registry writes them; THEN says nothing that the comma does not. */
function withKeywords(text: string): string {
  return text
    .replaceAll(/\b(?:SHALL|SHOULD|Shall|Should)\b/g, 'shall')
    .replaceAll(/,? THEN,? /g, ', ')
    .replaceAll(/\b(?:WHEN|WHILE|WHERE|IF|AND|OR|NOT)\b/g, word => word.toLowerCase())
    .replace(conditional, word => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
}

/** Durations in the units that the registry reads. */
function withUnits(text: string): string {
  return text
    .replaceAll(/(\d) ?(?:secs?|seconds?)\b/gi, '$1 s')
    .replaceAll(/(\d) ?(?:mins?|minutes?)\b/gi, '$1 minutes')
    .replaceAll(/(\d) ?(?:hrs?|hours?)\b/gi, '$1 hours')
    .replaceAll(/(?<![\d.])1 (minute|hour)s\b/g, '1 $1')
}

/** `X shall do Y when Z` with its condition before. */
function conditionFirst(text: string): string {
  if (conditional.test(text)) return text
  const [, response, opening, condition] = /^(.*\bshall\b.*?),? (when|while|if) (.*)$/i.exec(text) ?? []
  if (response === undefined || opening === undefined || condition === undefined) return text
  return `${capitalized(opening.toLowerCase())} ${condition}, ${lowered(response)}`
}

function withSubject(text: string, outcome: string): { says: string; subject?: string } {
  const at = text.search(/\bshall\b/)
  const before = text.slice(0, at).trim()
  const after = text.slice(at)
  if (!conditional.test(text)) {
    if (before === '') return { says: `${outcome} ${after}`, subject: outcome }
    return pronoun.test(before) ? { says: `${outcome} ${after}`, subject: outcome } : { says: text }
  }
  const comma = before.lastIndexOf(', ')
  const who = comma === -1 ? '' : before.slice(comma + 2)
  if (before.endsWith(',')) return { says: `${before} ${outcome} ${after}`, subject: outcome }
  if (pronoun.test(who)) return { says: `${before.slice(0, comma)}, ${outcome} ${after}`, subject: outcome }
  return { says: text }
}

/** A name that is written small, such as a file's, keeps its letters. */
function capitalized(text: string): string {
  const first = text.split(' ', 1)[0] ?? ''
  if (/^[a-z]/.test(first) && /[/._:=-]/.test(first)) return `The ${text}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function lowered(text: string): string {
  return /^(?:The|A|An|Each|Every|All|No)\b/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
