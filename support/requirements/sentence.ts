import { parseDuration } from '../duration.ts'

/** The patterns of EARS (Mavin et al., "Easy Approach to Requirements Syntax", RE'09), each with the word that opens it. */
const patterns = {
  When: 'event-driven',
  While: 'state-driven',
  If: 'unwanted behaviour',
  Where: 'optional feature',
} as const

type Opening = keyof typeof patterns
export type Pattern = (typeof patterns)[Opening] | 'ubiquitous' | 'complex'

const durations = /\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|seconds?|min|minutes?|h|hours?|d|days?)\b/g
const openings = Object.keys(patterns) as Opening[]
/** Who shall do something must be named: the sentence is read alone. */
const pronouns = /^(?:it|they|this|that|these|those|he|she|we|you|one|there)$/i

/** Which pattern of EARS a sentence follows, or what keeps it from following any. Does not throw. */
export function readSentence(says: string): { readonly pattern: Pattern } | { readonly fault: string } {
  if (!/\bshall\b/.test(says)) return fault('it holds no "shall"')
  if (!says.endsWith('.')) return { fault: 'does not end with a full stop' }
  if (/[.!?] [A-Z]/.test(says)) return { fault: 'is more than one sentence' }
  const opening = openings.find(word => new RegExp(`^${word}\\b`).test(says))
  return opening === undefined ? readUbiquitous(says) : readConditional(says, opening)
}

/** What keeps a text from being one EARS sentence; undefined where nothing does. */
export function faultOfSentence(says: string): string | undefined {
  const read = readSentence(says)
  return 'fault' in read ? read.fault : undefined
}

/** The durations that a sentence names, in milliseconds. */
export function durationsIn(says: string): number[] {
  return [...says.matchAll(durations)].map(([text]) => parseDuration(text))
}

/** What always holds: `<system> shall <response>`. */
function readUbiquitous(says: string): ReturnType<typeof readSentence> {
  const [subject = '', response = ''] = says.split(/ shall\b/, 2)
  if (!/^[A-Z0-9`"]/.test(subject)) return fault('nobody who shall do it stands before "shall"')
  if (pronouns.test(subject)) {
    return fault(`"${subject}" names nobody; begin with who shall, or with ${openings.join(', ')} and a condition`)
  }
  const trailing = / (when|while|if)\b/i.exec(response)?.[1]
  if (trailing !== undefined) return fault(`its condition ("${trailing} ...") comes last; begin with it`)
  return { pattern: 'ubiquitous' }
}

/** `<opening> <condition>, <system> shall <response>`, with more conditions between. */
function readConditional(says: string, opening: Opening): ReturnType<typeof readSentence> {
  const before = says.slice(0, says.search(/\bshall\b/))
  const [condition = '', ...parts] = before.split(/, /)
  // An aside may stand between the subject and its "shall".
  const clauses = parts.length > 1 && parts.at(-1)?.trim() === '' ? parts.slice(0, -1) : parts
  if (clauses.length === 0) return fault(`no comma ends the condition that "${opening}" begins`)
  if (condition === opening) return fault(`nothing stands between "${opening}" and its comma`)
  if (clauses.at(-1)?.trim() === '') return fault('nobody who shall do it stands before "shall"')
  const more = clauses.some(clause => /^(?:and )?(?:when|while|if|where) /i.test(clause))
  return { pattern: more ? 'complex' : patterns[opening] }
}

function fault(what: string): { readonly fault: string } {
  return { fault: `is no EARS sentence: ${what}` }
}
