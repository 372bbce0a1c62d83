import type { List, ListItem, Nodes, Paragraph, Parents, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString as textOf } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'

/** A heading, and those that it stands under. */
export interface Heading {
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  /** 1 to 6. */
  readonly depth: number
  readonly parent: Heading | undefined
}

/** A piece of a document that promises something, as it stands there: without marks of Markdown, on one line. */
export interface Passage {
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  readonly heading: Heading | undefined
  /** What introduces its list, such as `Acceptance Criteria`; empty where nothing does. */
  readonly label: string
  /** A sentence has its own "shall"; a criterion is a checkbox, or a bullet of a list that is introduced as criteria. */
  readonly form: 'sentence' | 'criterion'
}

/** What promises something, but stands where it cannot be read. */
export interface Unread {
  readonly line: number
  readonly text: string
  readonly reason: string
}

/** Only in capitals is a "should" an obligation (RFC 8174). */
const obligation = /\b(?:shall|Shall|SHALL|SHOULD)\b/
const criteria = /\bcriteria\b|\bcriterion\b|definition of done|\bDoD\b/i
/** Marks that documents put before or after what is done or is not. */
const marks = /^(?:(?:✅|☑|✔️?|☐|⬜|🔲|❌|⚠️?)\s*)+|(?:\s*(?:✅|☑|✔️?|☐|⬜|🔲|❌|⚠️?))+$/gu

/**
 * Everything in a Markdown document (CommonMark with GitHub's tables and task lists) that promises something, and what
 * promises something in a code block, where nobody can tell example from demand. Does not throw.
 */
export function readPassages(markdown: string): {
  readonly headings: readonly Heading[]
  readonly passages: readonly Passage[]
  readonly unread: readonly Unread[]
} {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const reader = new Reader()
  reader.read(tree)
  return reader
}

class Reader {
  readonly headings: Heading[] = []
  readonly passages: Passage[] = []
  readonly unread: Unread[] = []
  #label = ''

  read(node: Root | Parents): void {
    for (const child of node.children) this.#readNode(child)
  }

  #readNode(node: Nodes): void {
    if (node.type === 'heading') {
      this.#enter(oneLine(node), lineOf(node), node.depth)
    } else if (node.type === 'paragraph') {
      this.#readParagraph(node)
    } else if (node.type === 'list') {
      this.#readList(node, [])
    } else if (node.type === 'table') {
      for (const row of node.children.slice(1)) {
        for (const cell of row.children) this.#add(oneLine(cell), lineOf(row), 'sentence')
      }
    } else if (node.type === 'code' || node.type === 'html') {
      this.#passOver(node.value, lineOf(node) + (node.type === 'code' ? 1 : 0))
    } else if ('children' in node) {
      this.read(node as Parents)
    }
  }

  #enter(text: string, line: number, depth: number): void {
    let parent = this.headings.at(-1)
    while (parent !== undefined && parent.depth >= depth) parent = parent.parent
    this.headings.push({ text, line, depth, parent })
    this.#label = ''
  }

  #readParagraph(node: Paragraph): void {
    const text = oneLine(node)
    if (obligation.test(text)) this.#add(text, lineOf(node), 'sentence')
    // The last line before a list introduces it: "**Risk:** low" may stand above "**Sub-tasks:**".
    else this.#label = textOf(node).trim().split('\n').at(-1)?.trim() ?? ''
  }

  /** @param stem what the items of an inner list go on with, sentence by sentence */
  #readList(list: List, stem: readonly string[]): void {
    for (const item of list.children) this.#readItem(item, stem)
  }

  #readItem(item: ListItem, stem: readonly string[]): void {
    const own = item.children.filter(child => child.type === 'paragraph')
    const inner = item.children.filter(child => child.type === 'list')
    // Without an empty line between, Markdown takes what introduces the next bullets for the end of this one.
    const introduces = inner.length === 0 ? introduction(own.at(-1)) : undefined
    const whole = [...stem, ...own.map(oneLine)].join(' ')
    const text = introduces === undefined ? whole : whole.slice(0, -introduces.length).trim()
    const line = lineOf(item)
    // "X shall:" with a list of what it shall.
    const goesOn = obligation.test(text) && text.endsWith(':') && inner.length > 0
    if (!goesOn && text !== '') {
      if (obligation.test(text)) this.#add(text, line, 'sentence')
      else if (typeof item.checked === 'boolean' || criteria.test(this.#label)) this.#add(text, line, 'criterion')
    }
    if (introduces !== undefined) this.#label = introduces
    for (const child of item.children) {
      if (child.type === 'list') this.#readList(child, goesOn ? [text.slice(0, -1).trim()] : [])
      else if (child.type !== 'paragraph') this.#readNode(child)
    }
  }

  #add(text: string, line: number, form: Passage['form']): void {
    if (form === 'sentence' && !obligation.test(text)) return
    this.passages.push({
      text: text.replaceAll(marks, ''),
      line,
      heading: this.headings.at(-1),
      label: this.#label,
      form,
    })
  }

  #passOver(text: string, firstLine: number): void {
    for (const [index, line] of text.split('\n').entries()) {
      if (!obligation.test(line)) continue
      this.unread.push({ line: firstLine + index, text: line.trim(), reason: 'stands in a code block or in HTML' })
    }
  }
}

/** The last line of a paragraph where that is a line of its own that ends with a colon. */
function introduction(paragraph: Paragraph | undefined): string | undefined {
  const lines = paragraph === undefined ? [] : textOf(paragraph).split('\n')
  const last = lines.length > 1 ? lines.at(-1)?.replaceAll(/\s+/g, ' ').trim() : undefined
  return last !== undefined && /^[A-Z].{0,60}:$/.test(last) ? last : undefined
}

/** The text of a node without its marks, and without annotations in braces such as `{confidence: 95%}`. */
function oneLine(node: Nodes): string {
  return textOf(node)
    .replaceAll(/\{[a-z]+: [^}]*\}/gi, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 1
}
