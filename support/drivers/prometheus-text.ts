/** One sample of Prometheus' text exposition format; histograms and summaries are the samples that they consist of. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/
const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y

/**
 * The samples of a page in the text format, version 0.0.4 (Prometheus documentation, "Exposition formats").
 * @throws SyntaxError naming the first line that is none
 */
export function parsePrometheusText(text: string): Sample[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '' || content.startsWith('#')) return []
    const match = line.exec(content.trimEnd())
    const value = match === null ? undefined : numberOf(match[3] ?? '')
    const labels = match === null ? undefined : labelsOf(match[2] ?? '')
    if (match?.[1] === undefined || value === undefined || labels === undefined) {
      throw new SyntaxError(`line ${index + 1} is no Prometheus sample: ${content.slice(0, 120)}`)
    }
    return [{ name: match[1], labels, value }]
  })
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {}
  let at = 0
  while (text.slice(at).trim() !== '') {
    label.lastIndex = at
    const match = label.exec(text)
    if (match?.[1] === undefined) return undefined
    labels[match[1]] = (match[2] ?? '').replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    at = label.lastIndex
  }
  return labels
}

function numberOf(text: string): number | undefined {
  const special = {
    '+Inf': Number.POSITIVE_INFINITY,
    Inf: Number.POSITIVE_INFINITY,
    '-Inf': Number.NEGATIVE_INFINITY,
    NaN: Number.NaN,
  }
  if (Object.hasOwn(special, text)) return special[text as keyof typeof special]
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}

/**
 * The sum of a metric's samples that have these labels. Undefined where there is no such sample, which is not zero: a
 * counter with labels appears with its first increment, and a name that is wrong never does.
 */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels)
  const found = samples.filter(
    sample => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
  )
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}
