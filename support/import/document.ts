import { parseDuration } from '../duration.ts'
import type { Kind, Section, Systems } from '../requirements/schema.ts'
import { durationsIn } from '../requirements/sentence.ts'
import { guessDeadline, guessDisruptive, guessKind, guessSystem } from './guesses.ts'
import { nameOf, ownIdOf, SectionKeys } from './keys.ts'
import { type Heading, type Passage, readPassages, type Unread } from './passages.ts'
import { type Sentence, sentenceOfCriterion, sentencesOf } from './sentences.ts'

/** What the reader of a document is told besides it. */
export interface ImportOptions {
  /** The first part of every id, and the name of the folder. */
  readonly prefix: string
  /** Undefined for the document's own first heading. */
  readonly title: string | undefined
  /** What a requirement is about that names no system, nor does a heading above it. */
  readonly system: string | undefined
  readonly systems: Systems
}

type Entry = Section['requirements'][number]

/** What one file of the registry will hold. */
export interface ImportedSection {
  /** The file's name without `.yaml`. */
  readonly name: string
  readonly section: Omit<Section, 'requirements'> & { readonly requirements: readonly Partial<Entry>[] }
}

/** What was read of a document. */
export interface Imported {
  readonly sections: readonly ImportedSection[]
  /** How many requirements came from sentences with "shall", and how many from criteria without. */
  readonly found: Readonly<Record<Passage['form'], number>>
  readonly kinds: Readonly<Record<Kind, number>>
  readonly withDeadline: number
  /** In how many the document does not tell who shall; their interpretation says so. */
  readonly withoutSubject: number
  /** What promises something and became no requirement, by line. */
  readonly unread: readonly Unread[]
  /** What keeps the whole from being used: ids given twice. */
  readonly faults: readonly { readonly line: number; readonly text: string }[]
}

interface Draft {
  readonly passage: Passage
  readonly sentence: Sentence
  readonly section: string
  readonly number: number | undefined
  readonly ownId: string | undefined
}

/** Lists of what somebody does, not of what shall hold; so are they only beside criteria. */
const steps = /\b(?:sub-?tasks?|tasks?|steps?|files?|notes?|implementation|commands?|to ?do)\b/i
const mentioned = /\b[A-Z]{2,}(?:-[A-Za-z0-9]+)*-\d+\b/g

/** Makes requirements of a Markdown document. Does not throw. */
export function importDocument(markdown: string, options: ImportOptions): Imported {
  const { headings, passages, unread } = readPassages(markdown)
  const keys = new SectionKeys()
  const left: Unread[] = [...unread]
  const drafts: Draft[] = []
  const named = new Map(headings.map(heading => [withoutMarks(heading.text), heading]))
  const sections = Map.groupBy(passages, passage => passage.heading)
  for (const [heading, own] of sections) {
    const judged = own.some(passage => passage.form === 'sentence' || !steps.test(passage.label))
    for (const passage of own) {
      const other = named.get(withoutMarks(passage.text))
      if (passage.form === 'criterion' && other !== undefined) {
        left.push({ ...placeOf(passage), reason: `is the heading of line ${other.line}` })
      } else if (passage.form === 'criterion' && judged && steps.test(passage.label)) {
        left.push({ ...placeOf(passage), reason: `is a step ("${passage.label}") beside sentences or criteria` })
      } else {
        for (const made of draftsOf(passage, keys.keyOf(heading), nameOf(heading))) {
          if ('reason' in made) left.push(made)
          else drafts.push(made)
        }
      }
    }
  }
  const title = options.title ?? headings[0]?.text ?? options.prefix
  return assembled(drafts, left, title, keys, options)
}

function draftsOf(passage: Passage, key: string, name: string): (Draft | Unread)[] {
  const own = ownIdOf(passage.text, key)
  const text = own?.rest ?? passage.text
  const base = { passage, section: own?.section ?? key, number: own?.number, ownId: own?.id }
  if (passage.form === 'criterion') {
    return [{ ...base, sentence: sentenceOfCriterion(text, own?.number === undefined ? (own?.id ?? name) : name) }]
  }
  const sentences = sentencesOf(text, `the outcome of ${name}`)
  return sentences.map((sentence, index) => {
    if ('reason' in sentence) return { ...placeOf(passage), reason: sentence.reason }
    // Of several sentences under one id only the first can bear its number.
    return { ...base, number: index === 0 ? own?.number : undefined, sentence }
  })
}

function assembled(
  drafts: readonly Draft[],
  left: readonly Unread[],
  title: string,
  keys: SectionKeys,
  { prefix, system, systems }: ImportOptions,
): Imported {
  const unread = [...left]
  const { numbers, faults } = numbered(drafts)
  const files = new Map<string, ImportedSection & { section: { requirements: Partial<Entry>[] } }>()
  const fileOfSection = new Map<string, string>()
  const found = { sentence: 0, criterion: 0 }
  const kinds = { runtime: 0, cluster: 0, repository: 0, human: 0 }
  let withoutSubject = 0
  let withDeadline = 0
  for (const draft of drafts) {
    const { passage, sentence } = draft
    const kind = guessKind(sentence.says)
    const about =
      guessSystem(sentence.says, headingsAbove(passage.heading), systems) ?? system ?? systemOfKind(kind, systems)
    if (about === undefined) {
      unread.push({
        ...placeOf(passage),
        reason: 'names no system of systems.yaml, nor does a heading above it; --system NAME',
      })
      continue
    }
    const name = fileOfSection.get(draft.section) ?? keys.keyOf(passage.heading)
    fileOfSection.set(draft.section, name)
    const file = files.get(name) ?? {
      name,
      section: { document: prefix, title, section: passage.heading?.text ?? title, requirements: [] },
    }
    files.set(name, file)
    const id = `${prefix}.${draft.section}.${numbers.get(draft)}`
    const within = deadlineOf(sentence.says)
    file.section.requirements.push(entryOf(draft, id, about, kind, within))
    found[passage.form] += 1
    kinds[kind] += 1
    if (within !== undefined) withDeadline += 1
    if (sentence.subject !== undefined) withoutSubject += 1
  }
  return {
    sections: [...files.values()],
    found,
    kinds,
    withDeadline,
    withoutSubject,
    unread: unread.sort((one, other) => one.line - other.line),
    faults,
  }
}

function entryOf(
  { passage, sentence, ownId }: Draft,
  id: string,
  system: string,
  kind: Kind,
  within: string | undefined,
): Partial<Entry> {
  const criteria = [...new Set([...(ownId === undefined ? [] : [ownId]), ...(passage.text.match(mentioned) ?? [])])]
  return {
    id,
    says: sentence.says,
    level: sentence.level,
    systems: [system],
    kind,
    ...(within !== undefined && { within }),
    ...(guessDisruptive(sentence.says) && { disruptive: true }),
    ...(criteria.length > 0 && { criteria }),
    source: `line ${passage.line}`,
    ...(sentence.subject !== undefined && {
      interpretation: `The document does not tell who shall. Read as ${sentence.subject}.`,
    }),
    ...(kind !== 'human' && { later: 'planned' as const }),
  }
}

/** The numbers that the document gives stay; the others take what is free, in the order of the document. */
function numbered(drafts: readonly Draft[]): { numbers: Map<Draft, number>; faults: Imported['faults'] } {
  const numbers = new Map<Draft, number>()
  const faults: { line: number; text: string }[] = []
  for (const [section, own] of Map.groupBy(drafts, draft => draft.section)) {
    const taken = new Map<number, Draft>()
    for (const draft of own) {
      if (draft.number === undefined) continue
      const earlier = taken.get(draft.number)
      if (earlier !== undefined) {
        const at = `stands at line ${earlier.passage.line} already`
        faults.push({ line: draft.passage.line, text: `${draft.ownId ?? `${section}.${draft.number}`} ${at}` })
      }
      taken.set(draft.number, draft)
      numbers.set(draft, draft.number)
    }
    let next = 1
    for (const draft of own) {
      if (draft.number !== undefined) continue
      while (taken.has(next)) next += 1
      taken.set(next, draft)
      numbers.set(draft, next)
    }
  }
  return { numbers, faults }
}

function deadlineOf(says: string): string | undefined {
  const within = guessDeadline(says)
  return within !== undefined && durationsIn(says).includes(parseDuration(within)) ? within : undefined
}

/** What a requirement that names nothing is about, where its kind tells. */
function systemOfKind(kind: Kind, systems: Systems): string | undefined {
  const name = { repository: 'repository', cluster: 'kubernetes', human: 'project', runtime: undefined }[kind]
  return name !== undefined && Object.hasOwn(systems, name) ? name : undefined
}

function headingsAbove(heading: Heading | undefined): string[] {
  return heading === undefined ? [] : [heading.text, ...headingsAbove(heading.parent)]
}

function withoutMarks(text: string): string {
  return text
    .replace(/^\[[^\]]*\]\s*/, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()
}

function placeOf({ line, text }: Passage): { line: number; text: string } {
  return { line, text }
}
