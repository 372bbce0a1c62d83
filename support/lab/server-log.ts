import { appendFileSync, closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { createInterface } from 'node:readline'

const tailBytes = 64 * 1024
/** logfmt's `ts=` and the `time` or `ts` of a JSON line, both RFC 3339, as Tempo and MinIO write them. */
const timestamp = /(?:^|\s)(?:ts|time)="?(\d{4}-\d\d-\d\dT[^\s"]+)|"(?:ts|time)":\s*"(\d{4}-\d\d-\d\dT[^"]+)"/
const ended = 'component=lab msg=ended'

/** Adds the supervisor's own line, by which the lives of a server can be told apart in its log. */
export function noteStart(file: string, detail: string): void {
  note(file, `component=lab msg=started ${detail}`)
}

export function noteEnd(file: string, exit: string): void {
  note(file, `${ended} exit=${JSON.stringify(exit)}`)
}

function note(file: string, text: string): void {
  try {
    appendFileSync(file, `ts=${new Date().toISOString()} ${text}\n`, { mode: 0o600 })
  } catch {
    // A full disk must not end the supervisor too; that nothing can be written is told when the server is started.
  }
}

/**
 * The lines written since then, the oldest first. A line without a time (a banner, a stack) counts with the line
 * before it; but what a process wrote last, such as the stack of its panic, counts with its end.
 */
export async function linesSince(file: string, since: Date): Promise<string[]> {
  const lines: string[] = []
  let timeless: string[] = []
  let included = false
  for await (const line of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line === '') continue
    const at = timeOf(line)
    if (at === undefined) {
      if (included) lines.push(line)
      else timeless.push(line)
      continue
    }
    const late = at >= since.getTime()
    if (late && line.includes(ended)) lines.push(...timeless)
    timeless = []
    included = late
    if (included) lines.push(line)
  }
  return lines
}

/** The last lines of a log, read from its end; empty where there is no log yet. */
export function logTail(file: string, count = 20): string {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, tailBytes))
      readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
      return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n')
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return ''
  }
}

/** Milliseconds since the epoch; undefined for a line without a time. */
function timeOf(line: string): number | undefined {
  const found = timestamp.exec(line)
  const at = Date.parse(found?.[1] ?? found?.[2] ?? '')
  return Number.isNaN(at) ? undefined : at
}
