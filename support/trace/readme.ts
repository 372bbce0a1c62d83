const begin = '<!-- made by npm run trace -- --write -->'
const end = '<!-- end of what was made -->'

/** The text with other lines between its two marks. @throws Error where the marks are not there, in this order */
export function withMadeLines(text: string, lines: readonly string[]): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from === -1 || to < from) throw new Error(`README.md has lost its marks "${begin}" and "${end}"`)
  return `${text.slice(0, from + begin.length)}\n\n${lines.join('\n')}\n\n${text.slice(to)}`
}
