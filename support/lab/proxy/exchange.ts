import { setTimeout as pause } from 'node:timers/promises'
import type { Edit, Rule } from '../../faults/rule.ts'
import { uncompressed } from './compression.ts'
import { applyEdits, type Structure } from './edits.ts'
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
  /** Only where a rule needs it: it keeps whole answers. */
  readonly memory: ReplyMemory | undefined
  /** Asks the server itself; undefined where it refuses or breaks the connection. */
  forward(asked: Asked): Promise<Reply | undefined>
}

/**
 * One request and its answer under the rules. Changes of the request come first, then the answer, the server's or another,
 * then changes of the answer, each kind in the order of the rules.
 * A server that cannot be asked is no answer, so the client shall see the same: its connection is reset.
 * @throws what aborted the signal while an answer was held back
 */
export async function exchange(asked: Asked, { book, memory, forward }: Server, signal: AbortSignal): Promise<Outcome> {
  const first = book.asked(asked)
  const changed = first.reduce(changeRequest, asked)
  const instead = first.map(strike => answerInstead(asked, strike, memory)).find(outcome => outcome !== undefined)
  if (instead?.kind === 'reset') return instead
  if (instead === undefined && first.some(({ rule }) => 'twice' in rule.do)) await forward(changed)
  const original = instead?.reply ?? (await forward(changed))
  if (original === undefined) return { kind: 'reset' }
  if (instead === undefined) memory?.note(asked, original)
  // A condition on the answer is about what the server said; the changes of all rules are made in their order.
  const second = instead === undefined ? book.answered(asked, original) : []
  for (const strike of second) if ('request' in strike.rule.do || 'twice' in strike.rule.do) strike.missed()
  const strikes = [...first, ...second].sort((one, next) => one.place - next.place)
  const other = second.map(strike => answerInstead(asked, strike, memory)).find(outcome => outcome !== undefined)
  if (other?.kind === 'reset') return other
  const reply = strikes.reduce((before, strike) => changeReply(asked, before, strike), other?.reply ?? original)
  for (const { rule } of strikes) if ('delay' in rule.do) await pause(rule.do.delay, undefined, { signal })
  const bytesPerSecond = strikes.map(({ rule }) => ('throttle' in rule.do ? rule.do.throttle : undefined)).find(Boolean)
  const cutAfter = strikes.map(strike => cutOff(strike, reply)).find(bytes => bytes !== undefined)
  return {
    kind: 'reply',
    reply,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(cutAfter === undefined ? {} : { cutAfter }),
  }
}

function changeRequest(asked: Asked, strike: Strike): Asked {
  const { do: action } = strike.rule
  if (!('request' in action)) return asked
  return edited(asked, action.request, structureOf(asked, 'request', asked.headers), strike)
}

function changeReply(asked: Asked, reply: Reply, strike: Strike): Reply {
  const { do: action } = strike.rule
  if ('response' in action) return edited(reply, action.response, structureOf(asked, 'response', reply.headers), strike)
  if ('status' in action) return { ...reply, status: action.status }
  if ('headers' in action) return { ...reply, headers: { ...reply.headers, ...lowerCase(action.headers) } }
  return reply
}

/** The very same message where the edits found no place in it. */
function edited<Message extends Asked | Reply>(
  message: Message,
  edits: readonly Edit[],
  structure: Structure,
  strike: Strike,
): Message {
  const readable = uncompressed<Message>(message)
  const { bytes, changed } = applyEdits(readable.body, edits, structure)
  if (changed) return { ...readable, body: bytes }
  strike.missed()
  return message
}

function cutOff(strike: Strike, { body }: Reply): number | undefined {
  if (!('truncate' in strike.rule.do)) return undefined
  const { truncate } = strike.rule.do
  if (truncate < body.length) return truncate
  strike.missed()
  return undefined
}

function answerInstead(
  asked: Asked,
  strike: Strike,
  memory: ReplyMemory | undefined,
): { kind: 'reset' } | { kind: 'reply'; reply: Reply } | undefined {
  const { do: action } = strike.rule
  if ('reset' in action) return { kind: 'reset' }
  if ('answer' in action) return { kind: 'reply', reply: madeUp(action.answer) }
  if (!('replay' in action)) return undefined
  const reply = action.replay === 'older' ? memory?.older(asked) : memory?.other(asked)
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
