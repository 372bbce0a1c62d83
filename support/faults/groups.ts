/** Names for sets of requirements, so that a fault can say in a word what it leaves alone. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** The requirements that ids and names of groups stand for, each once, in the order given. */
export function expand(words: readonly string[], groups: Groups): string[] {
  return [...new Set(words.flatMap(word => groups[word] ?? [word]))]
}
