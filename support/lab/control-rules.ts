import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Rule } from '../faults/rule.ts'
import type { ControlReply } from './control-reply.ts'
import { writtenRule } from './written-rule.ts'

/** The rules of a lab's proxy, as the control socket needs them. */
export interface RuleKeeper {
  readonly rules: readonly Rule[]
  setRules(rules: readonly Rule[]): Promise<void>
  strikes(): Promise<readonly number[]>
}

/**
 * `GET`, `PUT` and `DELETE /rules`, as `support/drivers/control.ts` describes them: each answers with the rules that hold
 * then; 400 for rules that are none, with all that is wrong with them.
 */
export async function answerRules(request: IncomingMessage, keeper: RuleKeeper): Promise<ControlReply> {
  switch (request.method) {
    case 'GET':
      break
    case 'DELETE':
      await keeper.setRules([])
      break
    case 'PUT': {
      const { rules, faults } = await readRules(await text(request))
      if (rules === undefined) return { status: 400, body: { error: 'these are no rules', faults } }
      await keeper.setRules(rules)
      break
    }
    default:
      return { status: 405, body: { error: `${request.method} /rules is nothing that the lab can do` } }
  }
  const strikes = await keeper.strikes()
  return {
    status: 200,
    body: keeper.rules.map((rule, index) => ({ rule: writtenRule(rule), strikes: strikes[index] ?? 0 })),
  }
}

/** A list in JSON; YAML, of which JSON is a part, is understood as well. */
async function readRules(body: string): Promise<{ rules: readonly Rule[] | undefined; faults: readonly string[] }> {
  // What it takes to understand rules is loaded by whoever sends some, not by every lab.
  const [{ readYaml }, { ruleSchema }, { z }] = await Promise.all([
    import('../yaml.ts'),
    import('../faults/rule.ts'),
    import('zod'),
  ])
  const { value, faults } = readYaml(body, z.array(ruleSchema))
  return {
    rules: value,
    faults: faults.map(({ line, path, message }) => `line ${line}: ${path === '' ? '' : `${path}: `}${message}`),
  }
}
