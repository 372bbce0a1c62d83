/** What a look at one thing of a target came to. */
export interface Finding {
  /** `tempo`, `object storage`, `cluster lab`. */
  readonly about: string
  /** A few words: `may delete pods in monitoring`. */
  readonly what: string
  /** Undefined where all is well. */
  readonly problem?: string
  /** What to do about the problem. */
  readonly advice?: string
}

/** One line for each finding, problems with what to do below them. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length))
  return findings
    .map(({ about, what, problem, advice }) => {
      const head = `${problem === undefined ? 'well   ' : 'PROBLEM'}  ${about.padEnd(width)}  ${what}`
      if (problem === undefined) return head
      const indent = ' '.repeat(width + 11)
      return [head, `${indent}${problem}`, ...(advice === undefined ? [] : [`${indent}do: ${advice}`])].join('\n')
    })
    .join('\n')
}
