import pc from 'picocolors'

/** How a text is shown: on a terminal of a width, or as a plain log. */
export interface Style {
  /** Columns. */
  readonly width: number
  readonly colors: ReturnType<typeof pc.createColors>
}

/** The style for a stream; colours only for a terminal, and never against NO_COLOR. */
export function styleOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): Style {
  const terminal = stream.isTTY === true
  return { width: (terminal && stream.columns) || 120, colors: pc.createColors(terminal && pc.isColorSupported) }
}

/** The text in at most so many columns, with its end cut off visibly. */
export function fit(text: string, columns: number): string {
  if (text.length <= columns) return text
  return columns < 1 ? '' : `${text.slice(0, columns - 1).trimEnd()}…`
}
