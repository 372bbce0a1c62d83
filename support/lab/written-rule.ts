import type { Rule } from '../faults/rule.ts'

/** A rule as it is written down, in a form that `ruleSchema` reads again: a rule that holds has its times in milliseconds. */
export function writtenRule({ at, when, timing, do: action }: Rule): object {
  const { after, for: lasting, ...counted } = timing
  const times = {
    ...(after === undefined ? {} : { after: `${after} ms` }),
    ...(lasting === undefined ? {} : { for: `${lasting} ms` }),
  }
  return {
    at,
    when,
    timing: { ...counted, ...times },
    do: 'delay' in action ? { delay: `${action.delay} ms` } : action,
  }
}
