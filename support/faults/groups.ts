import type { Catalogue, FaultFile } from './catalogue.ts'
/** Names for sets of requirements, so that a fault can say in a word what it leaves alone. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** The requirements that ids and names of groups stand for, each once, in the order given. */
export function expand(words: readonly string[], groups: Groups): string[] {
  return [...new Set(words.flatMap(word => groups[word] ?? [word]))]
}

/** What a file holds, with ids where it names groups. */
export function ungrouped({ groups, generic, faults }: FaultFile): Catalogue {
  const idsOf = <T extends { readonly except: readonly string[] }>(entry: T) => ({
    ...entry,
    except: expand(entry.except, groups),
  })
  return {
    generic: generic.map(({ never, late, almost, ...entry }) => ({
      ...idsOf(entry),
      only: expand(entry.only, groups),
      leaves: expand(entry.leaves, groups),
      ...(never === undefined ? {} : { never: idsOf(never) }),
      ...(late === undefined ? {} : { late: idsOf(late) }),
      almost: almost.map(idsOf),
    })),
    faults: faults.map(fault => ({ ...fault, leaves: expand(fault.leaves, groups) })),
  }
}
