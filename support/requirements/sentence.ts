import { parseDuration } from '../duration.ts'

/** The openings of the sentence patterns of EARS (Mavin et al., RE'09); "The" opens what is always true. */
const openings = /^(When|While|Where|If|The) /
const durations = /\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|seconds?|min|minutes?|h|hours?|d|days?)\b/g

/** What keeps a text from being one EARS sentence; undefined where nothing does. */
export function faultOfSentence(says: string): string | undefined {
  if (!openings.test(says)) return 'is no EARS sentence: it begins with none of When, While, Where, If, The'
  if (!/\bshall\b/.test(says)) return 'is no EARS sentence: it holds no "shall"'
  if (!says.endsWith('.')) return 'does not end with a full stop'
  if (/[.!?] [A-Z]/.test(says)) return 'is more than one sentence'
  return undefined
}

/** The durations that a sentence names, in milliseconds. */
export function durationsIn(says: string): number[] {
  return [...says.matchAll(durations)].map(([text]) => parseDuration(text))
}
