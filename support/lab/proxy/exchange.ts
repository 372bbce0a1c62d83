import { setTimeout as pause } from 'node:timers/promises'
import type { Edit, Rule } from '../../faults/rule.ts'
import { applyEdits } from './edits.ts'
import { grpcReply } from './grpc.ts'
import type { ReplyMemory } from './memory.ts'
import type { Asked, Reply } from './message.ts'
import type { RuleBook, Strike } from './rule-book.ts'
import { structureOf } from './structures.ts'

/** What the client gets: an answer, perhaps slowly or cut off, or the end of its connection. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly bytesPerSecond?: number; readonly cutAfter?: number }
  | { readonly kind: 'reset' }

export interface Server {
  readonly book: RuleBook
  readonly memory: ReplyMemory
  /** Asks the server itself. */
  forward(asked: Asked): Promise<Reply>
}

/**
 * One request and its answer under the rules. Changes of the request come first, then the answer, the server's or another,
 * then changes of the answer, each kind in the order of the rules.
 * @throws what `forward` throws
 */
export async function exchange(asked: Asked, { book, memory, forward }: Server, signal: AbortSignal): Promise<Outcome> {
  const first = book.asked(asked)
  const changed = { ...asked, body: first.reduce((body, strike) => editRequest(asked, body, strike), asked.body) }
  const instead = first.map(strike => answerInstead(asked, strike, memory)).find(outcome => outcome !== undefined)
  if (instead?.kind === 'reset') return instead
  if (instead === undefined && first.some(({ rule }) => 'twice' in rule.do)) await forward(changed)
  const original = instead?.reply ?? (await forward(changed))
  if (instead === undefined) memory.note(asked, original)
  // A condition on the answer is about what the server said; the changes of all rules are made in their order.
  const second = instead === undefined ? book.answered(asked, original) : []
  const strikes = [...first, ...second]
  const other = second.map(strike => answerInstead(asked, strike, memory)).find(outcome => outcome !== undefined)
  if (other?.kind === 'reset') return other
  const reply = strikes.reduce((before, strike) => changeReply(asked, before, strike), other?.reply ?? original)
  for (const { rule } of strikes) if ('delay' in rule.do) await pause(rule.do.delay, undefined, { signal })
  const bytesPerSecond = strikes.map(({ rule }) => ('throttle' in rule.do ? rule.do.throttle : undefined)).find(Boolean)
  const cutAfter = strikes
    .map(({ rule }) => ('truncate' in rule.do ? rule.do.truncate : undefined))
    .find(bytes => bytes !== undefined)
  return {
    kind: 'reply',
    reply,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(cutAfter === undefined ? {} : { cutAfter }),
  }
}

function editRequest(asked: Asked, body: Buffer, strike: Strike): Buffer {
  const { do: action } = strike.rule
  if (!('request' in action)) return body
  return edited(body, action.request, asked, asked.headers, strike)
}

function changeReply(asked: Asked, reply: Reply, strike: Strike): Reply {
  const { do: action } = strike.rule
  if ('response' in action) return { ...reply, body: edited(reply.body, action.response, asked, reply.headers, strike) }
  if ('status' in action) return { ...reply, status: action.status }
  if ('headers' in action) return { ...reply, headers: { ...reply.headers, ...lowerCase(action.headers) } }
  return reply
}

function edited(body: Buffer, edits: readonly Edit[], asked: Asked, headers: Asked['headers'], strike: Strike): Buffer {
  const { bytes, changed } = applyEdits(body, edits, structureOf(asked, headers))
  if (!changed) strike.missed()
  return bytes
}

function answerInstead(
  asked: Asked,
  strike: Strike,
  memory: ReplyMemory,
): { kind: 'reset' } | { kind: 'reply'; reply: Reply } | undefined {
  const { do: action } = strike.rule
  if ('reset' in action) return { kind: 'reset' }
  if ('answer' in action) return { kind: 'reply', reply: madeUp(action.answer) }
  if (!('replay' in action)) return undefined
  const reply = action.replay === 'older' ? memory.older(asked) : memory.other(asked)
  if (reply === undefined) strike.missed()
  return reply === undefined ? undefined : { kind: 'reply', reply }
}

type MadeUp = Extract<Rule['do'], { answer: unknown }>['answer']

function madeUp({ status = 200, headers = {}, body = '', grpcStatus, grpcMessage = '' }: MadeUp): Reply {
  if (grpcStatus !== undefined) return grpcReply(grpcStatus, grpcMessage, Buffer.from(body))
  return { status, headers: lowerCase(headers), body: Buffer.from(body) }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
