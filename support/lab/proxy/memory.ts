import type { Asked, Reply } from './message.ts'

const most = 2_000

/** Parts of a path that name one thing among many of its kind: UUIDs, and hexadecimal digits, eight or more. */
const ids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,}/gi

/** Answers that went by, for rules that give an older one or somebody else's. */
export class ReplyMemory {
  readonly #first = new Map<string, Reply>()
  readonly #last = new Map<string, Map<string, Reply>>()

  note(asked: Asked, reply: Reply): void {
    const name = nameOf(asked)
    if (this.#first.size < most && !this.#first.has(name)) this.#first.set(name, reply)
    const form = formOf(asked)
    const alike = this.#last.get(form) ?? new Map<string, Reply>()
    alike.delete(name)
    if (reply.status < 300) alike.set(name, reply)
    if (this.#last.size < most) this.#last.set(form, alike)
  }

  /** The first answer to the same request. */
  older(asked: Asked): Reply | undefined {
    return this.#first.get(nameOf(asked))
  }

  /** The last good answer to a request that differs in its ids only. */
  other(asked: Asked): Reply | undefined {
    const alike = [...(this.#last.get(formOf(asked)) ?? [])]
    return alike.findLast(([name]) => name !== nameOf(asked))?.[1]
  }
}

function nameOf({ port, method, path }: Asked): string {
  return `${port} ${method} ${path}`
}

function formOf(asked: Asked): string {
  return nameOf(asked).replaceAll(ids, '*')
}
