/** One figure that was measured, beside the bound that it must keep. */
export interface Figure {
  /** A few words: `dry run, from command to exit`. */
  readonly name: string
  readonly measured: number
  readonly unit: keyof typeof written
  readonly limit: 'at most' | 'at least'
  readonly bound: number
  /** How it was measured, and what else was seen. */
  readonly note: string
}

const written = {
  ms: (value: number) => (value < 1_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(2)} s`),
  share: (value: number) => `${(value * 100).toFixed(2)} %`,
  scenarios: (value: number) => `${value}`,
} as const

/** Measured by bound; what is at most its bound is at most 1. */
export function ratioOf({ measured, bound }: Pick<Figure, 'measured' | 'bound'>): number {
  return measured / bound
}

/** A figure that could not be measured, and is no number, keeps no bound. */
export function isWithin({ measured, limit, bound }: Pick<Figure, 'measured' | 'limit' | 'bound'>): boolean {
  return limit === 'at most' ? measured <= bound : measured >= bound
}

/** One line for each figure, in columns, with what is beyond its bound marked. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(figure => [
    figure.name,
    written[figure.unit](figure.measured),
    `${figure.limit} ${written[figure.unit](figure.bound)}`,
    ratioOf(figure).toFixed(2),
    isWithin(figure) ? '' : 'BEYOND',
    figure.note,
  ])
  const table = [['figure', 'measured', 'bound', 'ratio', '', 'how'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map(row => row[column]?.length ?? 0))) ?? []
  return table
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
