import { z } from 'zod'
import { type Rule, ruleSchema } from './rule.ts'

/** Stands in a rule for a time that is known only when the scenario has been measured. */
const placeholder = '{hold}'
/** For checking the form of a rule before its time is known. */
const anyMs = 1_000

/**
 * A rule as `ruleSchema` describes it, in which `{hold}` may stand for a duration, such as `do: {delay: '{hold}'}` or
 * `timing: {for: '{hold}'}`.
 */
export const ruleTemplateSchema = z.json().superRefine((template, context) => {
  const checked = ruleSchema.safeParse(fill(template, anyMs))
  for (const issue of checked.error?.issues ?? [])
    context.issues.push({ ...issue, input: template } as z.core.$ZodRawIssue)
})

export type RuleTemplate = z.output<typeof ruleTemplateSchema>

/** Whether a rule has a place for the time. */
export function hasHold(template: RuleTemplate): boolean {
  return JSON.stringify(template).includes(JSON.stringify(placeholder))
}

/** The rule with its time in milliseconds. */
export function fillRule(template: RuleTemplate, holdMs: number): Rule {
  return ruleSchema.parse(fill(template, holdMs))
}

function fill(value: RuleTemplate, holdMs: number): RuleTemplate {
  if (value === placeholder) return `${Math.round(holdMs)} ms`
  if (Array.isArray(value)) return value.map(each => fill(each, holdMs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, holdMs)]))
}
