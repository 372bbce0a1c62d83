import { z } from 'zod'
import { patternSchema } from './pattern.ts'
import { milliseconds, ruleSchema } from './rule.ts'
import { hasHold, ruleTemplateSchema } from './rule-template.ts'

const word = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected words with dashes, such as trace-by-id')
const ids = z.array(z.string()).default([])

const always = z.strictObject({
  /** One sentence: what is broken. */
  breaks: z.string().min(1),
  rules: z.array(ruleSchema).min(1),
  /** What the message of each refuted requirement must show (a regular expression). */
  shows: patternSchema,
  /** Requirements that this one fault does not refute, besides those of the whole kind. Ids, or names of groups. */
  except: ids,
})

const late = z.strictObject({
  /**
   * How the answer comes late. `delay`: each answer is held back for `{hold}`. `absent`: until `{hold}` is over, the answer
   * is one that tells of nothing. With `delay` the time that an answer takes by itself comes on top, which is allowed for.
   */
  by: z.enum(['delay', 'absent'], 'expected delay or absent'),
  /** Rules of which at least one has `{hold}` for the time. */
  rules: z
    .array(ruleTemplateSchema)
    .min(1)
    .refine(rules => rules.some(hasHold), 'no rule has {hold} in it'),
  /** What the message must show when it came too late (a regular expression). */
  shows: patternSchema,
  /** So much longer than it was measured an answer may take by itself, when it is asked for so much later. */
  slack: milliseconds.default(0),
  /** So much before its wait begins an answer may have been asked for already: it is too late by that much more. */
  ahead: milliseconds.default(0),
  /** Requirements whose deadline is not tried in this way. Ids, or names of groups. */
  except: ids,
})

/**
 * A kind of question that many scenarios ask, and the faults that follow from it for every one that does. From what was
 * measured without a fault, it is known which requirement asked what, and how soon the answer came:
 *
 * - `never/KIND` refutes every requirement that asked it, of which `except` says nothing
 * - `almost/KIND/NAME` likewise, one for each entry of `almost`: an answer that is wrong by as little as can be
 * - `late/REQUIREMENT/KIND`, for a requirement with a deadline: the answer comes a little (5 %) after it; each of its
 *   scenarios must go red
 * - `in-time/REQUIREMENT/KIND` likewise: the answer comes just before the deadline (15 %, more where it takes long by
 *   itself), and all of its scenarios must stay green
 *
 * An example:
 *
 *     - kind: trace-by-id
 *       asks: ^GET \S+/api/traces/
 *       except: [tempo-mimir.006.6]
 *       leaves: [settings]
 *       never:
 *         breaks: No trace is found by its id.
 *         rules: [{at: tempo.http, when: {path: ^/api/traces/}, do: {answer: {status: 404}}}]
 *         shows: no such trace
 *       late:
 *         by: delay
 *         rules: [{at: tempo.http, when: {path: ^/api/traces/}, do: {delay: '{hold}'}}]
 *         shows: no answer within
 *       almost:
 *         - name: one-span-less
 *           breaks: The last span of every trace is not answered.
 *           rules:
 *             - at: tempo.http
 *               when: {path: ^/api/traces/}
 *               do: {response: [{drop: batches.-1.scopeSpans.-1.spans.-1}]}
 *           shows: spans; missing
 */
export const genericSchema = z.strictObject({
  /** What is asked, in a word. */
  kind: word,
  /** Fits the requests by which it is asked, as the suite tells them: `GET http://127.0.0.1:3200/api/traces/7c1f...`. */
  asks: patternSchema,
  /** It is about these requirements only, where others ask it in another situation. Ids, or names of groups. Empty: all. */
  only: ids,
  /** Requirements that no `never` and no `almost` refutes, since they promise an absence. Ids, or names of groups. */
  except: ids,
  /** Requirements that must stay green under `never` and `almost`, where they are not refuted. Ids, or names of groups. */
  leaves: ids,
  never: always.optional(),
  late: late.optional(),
  almost: z.array(always.extend({ name: word })).default([]),
})

export type Generic = z.output<typeof genericSchema>
