/** A number as Go prints it with `%g`, and as Prometheus' API does: `1e+06`, `+Inf`, `NaN`. NaN for anything else too. */
export function goNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
