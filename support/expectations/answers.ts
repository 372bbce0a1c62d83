import { Unmet } from '../errors.ts'

interface Status {
  readonly status: number | string
  readonly text: string
}

interface Refusal {
  readonly status: number | string
  readonly message: string
}

/** Accepts an answer with this status. */
export const statusIs =
  (status: number | string) =>
  (answer: Pick<Status, 'status'>): void => {
    if (answer.status !== status) throw new Unmet(`status ${answer.status}, not ${status}`)
  }

/** Accepts a refusal with this status whose text says what is wrong, and not only that something is. */
export const rejectedWithReason =
  (status: number) =>
  (answer: Status): void => {
    statusIs(status)(answer)
    const fault = poorReason(answer.text)
    if (fault !== undefined) throw new Unmet(`status ${status}, but ${fault}`)
  }

/** Accepts a 404 that tells a person what was not found: it says so of a trace, or names the id. */
export const sayingWhatIsMissing =
  (traceId: string) =>
  (answer: Status): void => {
    statusIs(404)(answer)
    const { text } = answer
    if (text.trim() === '') throw new Unmet('status 404 with an empty body: nothing tells what was not found')
    const namesId = text.toLowerCase().includes(traceId.toLowerCase().replace(/^0+/, ''))
    const saysTrace =
      /\btrace\b/i.test(text) && /\b(not found|no such|does not exist|unable to find|could not be found)\b/i.test(text)
    if (!namesId && !saysTrace) throw new Unmet(`status 404, but its text tells of no trace: ${quote(text)}`)
  }

/**
 * Accepts a push that the receiver itself refused as the sender's fault (OTLP specification, "Failures": HTTP 4xx; gRPC
 * INVALID_ARGUMENT, INTERNAL for what it cannot decode, RESOURCE_EXHAUSTED for what is too large), saying why.
 */
export const refusedWithCause = (answer: Refusal): void => {
  const { status, message } = answer
  const refused = typeof status === 'number' ? status >= 400 && status < 500 : grpcRefusals.has(status)
  if (!refused)
    throw new Unmet(
      `answered ${status}${message === '' ? '' : ` (${quote(message)})`}, which is no refusal of bad data`,
    )
  const fault = poorReason(message)
  if (fault !== undefined) throw new Unmet(`refused with ${status}, but ${fault}`)
}

/** Accepts a refusal whose text has one of these words for the cause. */
export const namesCause =
  (words: RegExp) =>
  ({ status, message }: Refusal): void => {
    if (!words.test(message))
      throw new Unmet(`refused with ${status}, but nothing in the text tells of the cause: ${quote(message)}`)
  }

/** Accepts a 400 to an expression that says where the fault in it is, in the way of PromQL's parser: `1:5: parse error`. */
export const tellsPosition = ({ status, error }: { readonly status: number; readonly error: string }): void => {
  statusIs(400)({ status })
  if (!/\b\d+:\d+\b/.test(error)) throw new Unmet(`status 400, but no position of the fault: ${quote(error)}`)
}

const grpcRefusals = new Set([
  'INVALID_ARGUMENT',
  'INTERNAL',
  'RESOURCE_EXHAUSTED',
  'OUT_OF_RANGE',
  'FAILED_PRECONDITION',
])

/** Texts that name a status or a mood, and no cause. */
const empty =
  /^(bad request|not found|internal server error|internal error|error|unknown|unknown error|invalid request|failed|\d+ ?[a-z ]*)\.?$/i

function poorReason(text: string): string | undefined {
  const words = text.trim()
  if (words === '') return 'no text says why'
  if (/^<(!doctype|html)/i.test(words)) return `a web page says why: ${quote(words)}`
  return empty.test(words) || words.split(/\s+/).length < 2 ? `the text gives no cause: ${quote(words)}` : undefined
}

function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 117)}...` : line)
}
