/** A number and what it counts, measures or numbers, as a text names them. */
export interface Figure {
  readonly value: number
  /** In the singular; what measures the same is one unit: `byte`, `percent`, `status`, `port`, `span`. */
  readonly unit: string
  /** As the text has it. */
  readonly text: string
}

/** Factors to bytes (IEC 80000-13 and SI; Kubernetes leaves the B out). */
const sizes: Readonly<Record<string, number>> = {
  byte: 1,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
}
const number = String.raw`(?<![\w.:/-])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)`
/** Between a number and the noun that it counts may stand what kind of them it is. */
const kinds = '(?:(?:active|acknowledged|small|new|other|different|open|running|ready) )*'
const counted = new RegExp(`${number} ?(%|${kinds}[A-Za-z]+)(?![\\w/:-]|\\.\\d)`, 'g')
/** What numbers things stands before its number. */
const numbered = new RegExp(`\\b(status|answer|port|level) ${number}(?![\\w%/:-]|\\.\\d)`, 'gi')
const durations = /^(?:ms|millisecond|s|second|min|minute|h|hour|d|day)$/
/** No nouns, so that what stands before them counts nothing. */
const particles = /^(?:a|an|and|are|as|at|by|for|from|in|is|of|on|or|that|the|to|with|within)$/

/** The figures of a text other than durations, which `durationsIn` reads: sizes, shares, counts, statuses, ports. */
export function figuresIn(text: string): Figure[] {
  const counts = [...text.matchAll(counted)].flatMap(([whole, digits = '', words = '']) => {
    const noun = singular(words.split(' ').at(-1)?.toLowerCase() ?? '')
    if (durations.test(noun) || particles.test(noun)) return []
    const size = sizes[noun]
    if (size !== undefined) return [{ value: numberOf(digits) * size, unit: 'byte', text: whole }]
    return [{ value: numberOf(digits), unit: noun === '%' ? 'percent' : noun, text: whole }]
  })
  const numbers = [...text.matchAll(numbered)].map(([whole, word = '', digits = '']) => {
    const unit = word.toLowerCase()
    return { value: numberOf(digits), unit: unit === 'answer' ? 'status' : unit, text: whole }
  })
  return [...counts, ...numbers]
}

function numberOf(digits: string): number {
  return Number(digits.replaceAll(',', ''))
}

function singular(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`
  return noun.endsWith('ss') || noun === 's' || noun === 'ms' ? noun : noun.replace(/s$/, '')
}
