import { existsSync, readFileSync } from 'node:fs'
import { closest } from 'fastest-levenshtein'
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { Registry } from '../requirements/registry.ts'
import type { Requirement } from '../requirements/requirement.ts'
import { readYaml } from '../yaml.ts'

/** A set of promises that somebody wants to be told about as a whole: a document, or a list of one's own. */
export interface Profile {
  readonly name: string
  readonly requirements: readonly Requirement[]
}

const words = z.array(z.string().min(1)).default([])

/** A file of one's own: what it lists of requirements, and all that the listed documents and systems promise. */
const fileSchema = z
  .strictObject({ name: z.string().min(1), requirements: words, documents: words, systems: words })
  .refine(
    ({ requirements, documents, systems }) => requirements.length + documents.length + systems.length > 0,
    'names no requirement, no document and no system',
  )

/**
 * The profile of this name: a document of the registry, or a YAML file.
 * @throws UsageError that lists everything that the file names and that there is not, each with its line
 */
export function loadProfile(name: string, registry: Registry): Profile {
  const documents = [...new Set(registry.requirements.map(({ document }) => document.id))]
  if (documents.includes(name)) return { name, requirements: registry.requirements.filter(isOf(name)) }
  if (existsSync(name)) return readProfile(name, documents, registry)
  const nearest = closest(name, documents)
  throw new UsageError(
    `--profile ${name}: there is neither such a document nor such a file; the documents are ${documents.join(', ')} (did you mean ${nearest}?)`,
  )
}

function readProfile(file: string, documents: readonly string[], registry: Registry): Profile {
  const reading = readYaml(readFileSync(file, 'utf8'), fileSchema)
  const faults = reading.faults.map(
    ({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  )
  if (reading.value === undefined) throw new UsageError('The profile cannot be used:', faults)
  const { value } = reading
  const known = { requirements: [...registry.byId.keys()], documents, systems: Object.keys(registry.systems) }
  for (const key of ['requirements', 'documents', 'systems'] as const) {
    value[key].forEach((word, index) => {
      if (known[key].includes(word)) return
      const place = `${file}:${reading.lineOf([key, index])}: ${key}.${index}`
      faults.push(`${place}: there is no ${word}; did you mean ${closest(word, known[key])}?`)
    })
  }
  if (faults.length > 0) throw new UsageError('The profile cannot be used:', faults)
  const requirements = registry.requirements.filter(
    ({ id, document, systems }) =>
      value.requirements.includes(id) ||
      value.documents.includes(document.id) ||
      systems.some(system => value.systems.includes(system)),
  )
  return { name: value.name, requirements }
}

function isOf(document: string): (requirement: Requirement) => boolean {
  return requirement => requirement.document.id === document
}
