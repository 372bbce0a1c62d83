import { z } from 'zod'

const levels = ['must', 'should'] as const
export type Level = (typeof levels)[number]

/** What deciding it takes: a running system, Kubernetes objects, a repository's files, or a person's judgement. */
export const kinds = ['runtime', 'cluster', 'repository', 'human'] as const
export type Kind = (typeof kinds)[number]

/** Why a requirement has no scenario yet. */
export const postponements = [
  'needs a cluster',
  'needs a system not in the lab',
  'planned',
  'cannot be tested as written',
] as const
export type Postponement = (typeof postponements)[number]

/** The words of one file; the document and its sections are files and folders of the same name. */
const word = z.string().min(1)

const requirement = z.strictObject({
  id: z
    .string()
    .regex(
      /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\.\d+$/,
      'expected <document>.<section>.<number>, such as tempo-mimir.005.2',
    ),
  says: word,
  level: z.enum(levels, `expected ${levels.join(' or ')}`),
  systems: z.array(word).min(1, 'names no system'),
  kind: z.enum(kinds, `expected one of ${kinds.join(', ')}`),
  within: word.optional(),
  disruptive: z.boolean().default(false),
  criteria: z.array(word).default([]),
  source: word.optional(),
  interpretation: word.optional(),
  later: z.enum(postponements, `expected one of: ${postponements.join(', ')}`).optional(),
  'same-as': word.optional(),
})

/** A file of fixtures/requirements: one section of one document, or several that belong together. */
export const sectionSchema = z.strictObject({
  document: word,
  title: word,
  section: word,
  requirements: z.array(requirement).min(1, 'holds no requirement'),
})

export type Section = z.output<typeof sectionSchema>

/** systems.yaml in the folder of requirements: what they may be about, each with its name as people write it. */
export const systemsSchema = z.record(
  z.string().regex(/^[a-z0-9-]+$/, 'expected lower-case letters, digits and dashes'),
  word,
)

export type Systems = z.output<typeof systemsSchema>
