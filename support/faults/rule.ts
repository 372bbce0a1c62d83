import { z } from 'zod'
import { parseDuration } from '../duration.ts'
import { type PortName, ports } from './ports.ts'

const portNames = Object.keys(ports) as [PortName, ...PortName[]]

const pattern = z.string().refine(isPattern, 'is no regular expression')
export const milliseconds = z.string().transform((text, context) => {
  try {
    return parseDuration(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a duration such as 300 ms or 2 s' })
    return z.NEVER
  }
})

/**
 * Which requests a rule is about: all that is given must match. Patterns are regular expressions, found anywhere in the
 * text; bodies are matched as UTF-8.
 */
const condition = z.strictObject({
  method: z.string().optional(),
  /** The path with its query, as it was asked for. */
  path: pattern.optional(),
  headers: z.record(z.string(), pattern).optional(),
  /** The tenant that is asked for (`X-Scope-OrgID`). */
  tenant: pattern.optional(),
  /** Whose S3 request it is: the beginning of the access key in its signature, such as `tempo` or `acceptance`. */
  account: z.string().optional(),
  /** The body of the request. */
  body: pattern.optional(),
  /** The status that the server answered; only for rules that change an answer. */
  status: z.int().optional(),
  /** The body that the server answered; only for rules that change an answer. */
  answer: pattern.optional(),
})

/** How often and when a rule strikes; left out, it strikes whenever its condition holds. Durations in milliseconds. */
const timing = z.strictObject({
  /** The first so many matches pass unharmed. */
  skip: z.int().positive().optional(),
  /** After so many strikes it is over. */
  times: z.int().positive().optional(),
  /** It strikes only when so much time has passed since the first match. */
  after: milliseconds.optional(),
  /** It strikes only until so much time has passed since the first match. */
  for: milliseconds.optional(),
  /**
   * Only what comes after the first request that fits this counts, and `after` and `for` count from it instead of from the
   * first match. It may have come to another port of the lab.
   */
  since: condition.extend({ at: z.enum(portNames).optional() }).optional(),
  /** Matches are counted, and times taken, for each path with its query by itself, whatever time it asks about. */
  each: z.literal('path').optional(),
})

/**
 * One change of a body. A place is a path into JSON or into a decoded protobuf message (in its JSON form), of names,
 * indexes and `*` for each, with dots between; a negative index counts from the end: `batches.*.scopeSpans.-1.spans.0`.
 * What has no such place is left as it is, and the rule has not struck.
 */
const edit = z.union([
  z.strictObject({ drop: z.string() }),
  /** The element at this place stands there twice. */
  z.strictObject({ double: z.string() }),
  z.strictObject({ set: z.record(z.string(), z.json()) }),
  /** Adds to a number, or to an integer written as a string. */
  z.strictObject({ add: z.record(z.string(), z.number()) }),
  /** On the body as text: the first occurrence, or all; `with` may refer to groups (`$1`). */
  z.strictObject({ replace: pattern, with: z.string(), all: z.boolean().optional() }),
  /** On the body as text: leaves out each line that fits. */
  z.strictObject({ dropLines: pattern }),
  /** On the body as bytes: inverts the byte at this offset; a negative one counts from the end. */
  z.strictObject({ invertByte: z.int() }),
])

const answer = z.strictObject({
  status: z.int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** For gRPC: the status code and message of the trailers; the HTTP status is 200. */
  grpcStatus: z.int().optional(),
  grpcMessage: z.string().optional(),
})

/** What a rule does to a request that it strikes. */
const action = z.union([
  /** The server is not asked; an acknowledgement that discards is one of these. */
  z.strictObject({ answer }),
  /** What reaches the server is changed. */
  z.strictObject({ request: z.array(edit).min(1) }),
  /** What comes back is changed. */
  z.strictObject({ response: z.array(edit).min(1) }),
  /** The status of what comes back is changed. */
  z.strictObject({ status: z.int() }),
  /** Headers of what comes back are set to these values. */
  z.strictObject({ headers: z.record(z.string(), z.string()) }),
  /** The answer is held back. Milliseconds. */
  z.strictObject({ delay: milliseconds }),
  /** The answer's body comes at so many bytes a second. */
  z.strictObject({ throttle: z.int().positive() }),
  /** The connection ends after so many bytes of the answer's body. */
  z.strictObject({ truncate: z.int().nonnegative() }),
  /** The connection is reset in place of an answer. */
  z.strictObject({ reset: z.literal(true) }),
  /** Nobody can connect to the port. It has no condition. */
  z.strictObject({ refuse: z.literal(true) }),
  /** The answer is an older one to the same request, or the last one to another path of the same form. */
  z.strictObject({ replay: z.enum(['older', 'other']) }),
  /** The request reaches the server twice. */
  z.strictObject({ twice: z.literal(true) }),
  /** TLS begins with a certificate that no one should accept. It has no condition. */
  z.strictObject({ certificate: z.enum(['expired', 'other host', 'unknown authority']) }),
])

/** What a proxy of the lab does to some of the requests that pass it. */
export const ruleSchema = z.strictObject({
  at: z.enum(portNames, `expected one of ${portNames.join(', ')}`),
  when: condition.default({}),
  timing: timing.default({}),
  do: action,
})

export type Rule = z.output<typeof ruleSchema>
export type Condition = z.output<typeof condition>
export type Edit = z.output<typeof edit>

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
