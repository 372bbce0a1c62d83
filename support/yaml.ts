import { closest, distance } from 'fastest-levenshtein'
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { z } from 'zod'

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

/** Reads one YAML document into the form of a schema; finds every fault, not only the first. Does not throw. */
export function readYaml<S extends z.ZodType>(text: string, schema: S): YamlReading<z.output<S>> {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const start = startOf(document.contents, path.slice(0, length))
      if (start !== undefined) return lineCounter.linePos(start).line
    }
    return 1
  }
  if (document.errors.length > 0) {
    const faults = document.errors.map(({ pos, message }) => ({
      line: lineCounter.linePos(pos[0]).line,
      path: '',
      message,
    }))
    return { value: undefined, raw: undefined, faults, lineOf }
  }
  const raw: unknown = document.toJS()
  const result = schema.safeParse(raw, { error: inWords })
  if (result.success) return { value: result.data, raw, faults: [], lineOf }
  const faults = result.error.issues.flatMap(innermost).flatMap(issue => describe(issue, schema, lineOf))
  return { value: undefined, raw, faults: faults.sort((a, b) => a.line - b.line), lineOf }
}

/** Where the key (in a map) or the item (in a list) at a path begins. */
function startOf(root: Node | null, path: Path): number | undefined {
  let node: unknown = root
  let start: number | undefined
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part)
      if (pair === undefined) return undefined
      start = (pair.key as Node).range?.[0]
      node = pair.value
    } else {
      node = (node as { get?(key: unknown, keepNode: true): unknown } | undefined)?.get?.(part, true)
      start = (node as Node | undefined)?.range?.[0]
    }
  }
  return start
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
