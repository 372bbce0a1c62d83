import { inspect } from 'node:util'

const hidden = '[secret]'
const known = new Set<string>()

/**
 * A value that must never be seen. It prints as `[secret]` wherever it is printed, and `redact` takes it out of any
 * text in which a server may have echoed it.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    if (value.length >= 4) {
      known.add(value)
      known.add(encodeURIComponent(value))
      known.add(Buffer.from(value).toString('base64').replace(/=+$/, ''))
    }
  }

  /** The value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}

/** The text without any secret that this process has loaded: plain, URL-encoded or in base64. */
export function redact(text: string): string {
  let clean = text
  for (const value of [...known].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(value, hidden)
  return clean
}
