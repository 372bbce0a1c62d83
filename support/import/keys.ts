import type { Heading } from './passages.ts'

/** What a document itself calls one of its requirements, or the section that it belongs to. */
export interface OwnId {
  /** As the document has it, such as `DoD-001-02` or `T014`. */
  readonly id: string
  /** The part of a requirement's id between document and number. */
  readonly section: string
  /** Undefined where the document numbers only the section. */
  readonly number: number | undefined
  /** The text after the id and what divides them. */
  readonly rest: string
}

const leading =
  /^\[?([A-Za-z]+(?:-[A-Za-z0-9]+)*-\d+|[A-Z]{1,4}\d{2,})\]?(?:\s*[:.)–-])?\s+(?!(?:through|to|and|or)\b|[,→])(?=\S)(.*)$/
/** `AC-lgtm-002-01`: the second of the last two numbers counts within the first. */
const counted = /-(\d+)-(\d+)$/
const statusMark = /^\[[^\]]*\]\s*/
const headingId = /^[A-Za-z]+(?:-[A-Za-z0-9]+)*-(\d+(?:\.\d+)*)\b/
const headingNumber = /^([A-Za-z]+) (\d+(?:\.\d+)*)\b/
const tags = /^(?:\[[^\]]+\]\s*)+/

/**
 * The id that a text begins with; undefined where it begins with none.
 * @param heading the key of the section in which it stands, which `DoD-001-02` need not repeat if that is 001
 */
export function ownIdOf(text: string, heading: string): OwnId | undefined {
  const [, id, after] = leading.exec(text) ?? []
  if (id === undefined || after === undefined) return undefined
  const [all, section, number] = counted.exec(id) ?? []
  const rest = after.replace(tags, '')
  if (all === undefined || section === undefined) return { id, section: id, number: undefined, rest }
  const whole = `${id.slice(0, -all.length)}-${section}`
  return { id, section: section === heading ? section : whole, number: Number(number), rest }
}

/** Gives each section of a document a key of letters, digits, dots and dashes, always the same for the same heading. */
export class SectionKeys {
  readonly #keys = new Map<Heading | undefined, string>()
  readonly #taken = new Set<string>()

  /** `TASK-lgtm-001: Buckets` is 001, `Story 1.2: Secrets` is 1.2, `Phase 3: ...` is phase-3, others are what they say. */
  keyOf(heading: Heading | undefined): string {
    const known = this.#keys.get(heading)
    if (known !== undefined) return known
    const key = this.#free(candidatesOf(heading))
    this.#keys.set(heading, key)
    this.#taken.add(key)
    return key
  }

  #free(candidates: readonly string[]): string {
    const last = candidates.at(-1) ?? 'document'
    const numbered = Array.from({ length: this.#taken.size + 1 }, (_, index) => `${last}-${index + 2}`)
    return [...candidates, ...numbered].find(candidate => !this.#taken.has(candidate)) ?? last
  }
}

/** What people call a section: what stands before the colon where that is a name with a number, else the whole heading. */
export function nameOf(heading: Heading | undefined): string {
  if (heading === undefined) return 'the document'
  const text = plain(heading.text)
  const name = headingId.exec(text)?.[0] ?? headingNumber.exec(text)?.[0]
  return name ?? `"${text.replaceAll(/[.!?:]+(?=\s|$)/g, '').replaceAll('"', "'")}"`
}

function candidatesOf(heading: Heading | undefined): string[] {
  if (heading === undefined) return ['document']
  const text = plain(heading.text)
  const words = slug(text)
  const id = headingId.exec(text)?.[1]
  if (id !== undefined) return [id, slug(headingId.exec(text)?.[0] ?? text), words]
  const [, kind = '', number] = headingNumber.exec(text) ?? []
  if (number === undefined) return [words]
  return number.includes('.') ? [number, slug(`${kind} ${number}`), words] : [slug(`${kind} ${number}`), words]
}

function plain(heading: string): string {
  return heading.replace(statusMark, '').trim()
}

function slug(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+(?:\.\d+)*/g) ?? []
  return words.slice(0, 6).join('-') || 'section'
}
