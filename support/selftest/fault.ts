import type { z } from 'zod'
import { type Rule, ruleSchema } from '../faults/rule.ts'
import type { LabFault } from '../lab/lab.ts'

/** A fault of these rules, as they are written in a file. */
export function ruleFault(...rules: readonly z.input<typeof ruleSchema>[]): LabFault {
  return { rules: rules.map((rule): Rule => ruleSchema.parse(rule)), servers: {} }
}

/** A fault of Tempo itself, with rules beside it where they are given. */
export function tempoFault(
  changes: Partial<NonNullable<LabFault['servers']['tempo']>>,
  ...rules: readonly z.input<typeof ruleSchema>[]
): LabFault {
  const tempo = { configuration: {}, environment: {}, loses: [], staysDown: false, ...changes }
  return { ...ruleFault(...rules), servers: { tempo } }
}
