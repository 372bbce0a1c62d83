import { Document, isScalar, isSeq, visit } from 'yaml'
import type { ImportedSection } from './document.ts'

/** yaml counts the width of a folded text without its indentation. */
const width = 120 - 6

/**
 * A section as a file of the registry: one that people go on writing, folded and with its schema for editors.
 * @param schema the way from the file to the JSON Schema
 */
export function sectionFile({ section }: ImportedSection, schema: string): string {
  const document = new Document(section)
  visit(document, {
    Pair(_, pair) {
      const { key, value } = pair
      if (isScalar(value) && typeof value.value === 'string' && value.value.length > 90) value.type = 'BLOCK_FOLDED'
      if (isSeq(value) && isScalar(key) && key.value !== 'requirements') value.flow = true
    },
  })
  const body = document.toString({ lineWidth: width, flowCollectionPadding: false })
  return `# yaml-language-server: $schema=${schema}\n${body}`
}
