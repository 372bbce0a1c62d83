import { z } from 'zod'

/** A regular expression as text, found anywhere in what it is held against; a dot stands for line ends too. */
export const patternSchema = z.string().refine(isPattern, 'is no regular expression')

/** @throws SyntaxError where the text is no regular expression */
export function compilePattern(text: string): RegExp {
  return new RegExp(text, 's')
}

export function isPattern(text: string): boolean {
  try {
    compilePattern(text)
    return true
  } catch {
    return false
  }
}
