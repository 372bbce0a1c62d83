import { closest, distance } from 'fastest-levenshtein'
import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { lineFinder } from './yaml-places.ts'

type Path = readonly PropertyKey[]

/** What is wrong at one place of a YAML file, in words for the person who wrote it. */
export interface YamlFault {
  /** Counted from 1. */
  readonly line: number
  /** `systems.tempo.http`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

interface YamlReading<T> {
  /** Undefined where there are faults. */
  readonly value: T | undefined
  /** What the file holds, whether it has that form or not; undefined where it is no YAML. */
  readonly raw: unknown
  readonly faults: readonly YamlFault[]
  /** The line of the entry at a path, or of the nearest one around it that is there. */
  lineOf(path: Path): number
}

/**
 * Reads one YAML document into the form of a schema; finds every fault, not only the first. Does not throw.
 *
 * js-yaml reads ten times as fast as yaml, which in turn goes on after the first mistake: it tells them all.
 */
export function readYaml<S extends z.ZodType>(text: string, schema: S): YamlReading<z.output<S>> {
  const reading = parse(text)
  if ('mistakes' in reading) return { value: undefined, raw: undefined, faults: reading.mistakes, lineOf: () => 1 }
  const { raw, lineOf } = reading
  const result = schema.safeParse(raw, { error: inWords })
  if (result.success) return { value: result.data, raw, faults: [], lineOf }
  const faults = result.error.issues.flatMap(innermost).flatMap(issue => describe(issue, schema, lineOf))
  return { value: undefined, raw, faults: faults.sort((a, b) => a.line - b.line), lineOf }
}

function parse(text: string): { raw: unknown; lineOf(path: Path): number } | { mistakes: YamlFault[] } {
  try {
    const events = parseEvents(text, {})
    const documents = constructFromEvents(events, { source: text })
    if (documents.length <= 1) return { raw: documents[0] ?? null, lineOf: lineFinder(text, events) }
    return { mistakes: mistakesIn(text) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const mistakes = mistakesIn(text)
    if (mistakes.length > 0) return { mistakes }
    return { mistakes: [{ line: (error.mark?.line ?? 0) + 1, path: '', message: error.reason }] }
  }
}

function mistakesIn(text: string): YamlFault[] {
  const lineCounter = new LineCounter()
  return parseDocument(text, { lineCounter, prettyErrors: false }).errors.map(({ pos, message }) => ({
    line: lineCounter.linePos(pos[0]).line,
    path: '',
    message,
  }))
}

function inWords(issue: { code?: string; expected?: unknown; input?: unknown }): string | undefined {
  if (issue.code !== 'invalid_type') return undefined
  return issue.input === undefined || issue.input === null ? 'is missing' : `expected ${issue.expected}`
}

/** A union tells only that nothing matched; where one of its forms was plainly meant, its own faults say more. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find(
    issues => issues.length > 0 && issues.every(({ path }) => path.length > 0 || isUnknownKey(issues)),
  )
  if (meant === undefined) return [issue]
  return meant.flatMap(inner => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isUnknownKey(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some(({ code }) => code === 'unrecognized_keys')
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, lineOf: (path: Path) => number): YamlFault[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ line: lineOf(issue.path), path: issue.path.join('.'), message: issue.message }]
  }
  const known = keysAt(schema, issue.path)
  return issue.keys.map(key => ({
    line: lineOf([...issue.path, key]),
    path: [...issue.path, key].join('.'),
    message: `unknown key${hint(key, known)}`,
  }))
}

function hint(key: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(key, known)
  return distance(key.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, key.length / 2)
    ? `; did you mean "${nearest}"?`
    : `; known are ${known.join(', ')}`
}

/** The keys that a schema knows at a path; of a union those of all its forms. */
function keysAt(schema: unknown, path: Path): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return keysAt(schema.unwrap(), path)
  }
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap(option => keysAt(option, path)))]
  const [head, ...rest] = path
  if (schema instanceof z.ZodArray) return head === undefined ? [] : keysAt(schema.element, rest)
  if (!(schema instanceof z.ZodObject)) return []
  return head === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(head)], rest)
}
