import type { z } from 'zod'
import { type Rule, ruleSchema } from '../../../faults/rule.ts'
import type { Asked, Reply } from '../message.ts'

/** Rules as a person writes them down. */
export function rulesOf(...rules: readonly z.input<typeof ruleSchema>[]): Rule[] {
  return rules.map(rule => ruleSchema.parse(rule))
}

/** A GET of Tempo, but for what is given. */
export function asked(
  path: string,
  given: Partial<Omit<Asked, 'body'>> & { readonly body?: string | Buffer } = {},
): Asked {
  return { port: 'tempo.http', method: 'GET', headers: {}, ...given, path, body: Buffer.from(given.body ?? '') }
}

export function replied(body: string | Buffer, given: Partial<Omit<Reply, 'body'>> = {}): Reply {
  return { status: 200, headers: {}, ...given, body: Buffer.from(body) }
}
