/** A table of words and figures. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** For a terminal: columns of equal width, figures to the right. */
export function textTable({ head, rows }: Table): string[] {
  const widths = head.map((word, index) => Math.max(word.length, ...rows.map(row => String(row[index] ?? '').length)))
  const line = (cells: readonly (string | number)[], like: readonly (string | number)[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return typeof like[index] === 'number' ? String(cell).padStart(width) : String(cell).padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head, rows[0] ?? head), ...rows.map(row => line(row, row))]
}

/** As GitHub's Markdown has it (https://github.github.com/gfm/#tables-extension-), figures to the right. */
export function markdownTable({ head, rows }: Table): string[] {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map(cell => escapePipes(String(cell))).join(' | ')} |`
  const rule = head.map((_, index) => (typeof rows[0]?.[index] === 'number' ? '--:' : '---'))
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)]
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|')
}
