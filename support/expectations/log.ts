import { Unmet } from '../errors.ts'

type StorageErrorKind = 'authentication' | 'connection' | 'bucket' | 'other'

export interface StorageError {
  readonly kind: StorageErrorKind
  readonly line: string
}

/** A line that a system really wrote when its storage was broken. */
export interface RecordedError extends StorageError {
  /** How it was provoked. */
  readonly cause: string
}

/** How one system's log tells of trouble with its object storage. */
export interface StorageLog {
  /** What it was about when its storage failed. */
  readonly contexts: readonly RegExp[]
  /** Those that are about writing. */
  readonly writes: RegExp
  /** Not a fault of the storage. */
  readonly benign: RegExp
  /** By which the search is proven: what it must find, and what it must not. */
  readonly recorded: readonly RecordedError[]
  readonly healthy: readonly string[]
}

/** Logs are logfmt or JSON. */
const troubled = /\blevel=(error|warn)\b|"level":"(error|warn)"/

const kinds: readonly { readonly kind: StorageErrorKind; readonly pattern: RegExp }[] = [
  {
    // The texts of S3's error codes; MinIO's for a disabled user is the first.
    kind: 'authentication',
    pattern:
      /account is disabled|Access Key Id you provided does not exist|signature we calculated does not match|Access ?Denied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|token .{0,40}(expired|invalid)|not authorized|AccountProblem/i,
  },
  { kind: 'bucket', pattern: /specified bucket does not exist|NoSuchBucket/ },
  {
    // Go's net, crypto/tls and net/http.
    kind: 'connection',
    pattern:
      /dial tcp|connection (refused|reset)|no such host|i\/o timeout|TLS handshake|tls: |x509: |server gave HTTP response to HTTPS client|HTTP request to an HTTPS server|unexpected EOF|broken pipe|network is unreachable|no route to host|Client\.Timeout exceeded/,
  },
]

/** The lines of a log that tell of trouble with the storage. */
export function storageErrors({ contexts, benign }: StorageLog, lines: readonly string[]): StorageError[] {
  return lines.flatMap(line => {
    if (!troubled.test(line) || !contexts.some(context => context.test(line))) return []
    const kind = kinds.find(({ pattern }) => pattern.test(line))?.kind
    if (kind === undefined && benign.test(line)) return []
    return [{ kind: kind ?? 'other', line }]
  })
}

/** Proves that the search finds each error that was once recorded, as what it is, and nothing in a healthy log. */
export function proveLogSearch(log: StorageLog): void {
  for (const { cause, kind, line } of log.recorded) {
    const [found] = storageErrors(log, [line])
    if (found?.kind !== kind)
      throw new Error(`the search of the log does not find "${cause}" as an error of ${kind}: ${line}`)
  }
  const [wrong] = storageErrors(log, log.healthy)
  if (wrong !== undefined) throw new Error(`the search of the log takes a healthy line for an error: ${wrong.line}`)
}

/** Accepts a log without trouble with the storage. A log without any line at all proves nothing. */
export const noStorageErrors =
  (log: StorageLog) =>
  (lines: readonly string[]): void => {
    const errors = withLines(log, lines)
    if (errors.length > 0) throw new Unmet(`${errors.length} storage errors in the log: ${quote(errors)}`)
  }

/** Accepts a log that tells that a write to the storage failed. */
export const recordsStorageWriteError =
  (log: StorageLog) =>
  (lines: readonly string[]): void => {
    const writes = withLines(log, lines).filter(({ line }) => log.writes.test(line))
    if (writes.length === 0) throw new Unmet(`no failed write to the storage among ${lines.length} lines of the log`)
  }

/** Accepts a log that names refused credentials as the cause of a storage error. */
export const namesRefusedCredentials =
  (log: StorageLog) =>
  (lines: readonly string[]): void => {
    const errors = withLines(log, lines)
    if (errors.some(({ kind }) => kind === 'authentication')) return
    const others = errors.length === 0 ? 'no storage error at all' : `only ${quote(errors)}`
    throw new Unmet(`no line of the log names refused credentials: ${others}`)
  }

/** Accepts a log with a line of these words. */
export const hasLine =
  (words: RegExp) =>
  (lines: readonly string[]): void => {
    if (lines.length === 0) throw new Unmet('the log has no lines at all')
    if (!lines.some(line => words.test(line))) throw new Unmet(`none of ${lines.length} lines of the log has ${words}`)
  }

function withLines(log: StorageLog, lines: readonly string[]): StorageError[] {
  if (lines.length === 0) throw new Unmet('the log has no lines at all')
  return storageErrors(log, lines)
}

function quote(errors: readonly StorageError[]): string {
  const more = errors.length - 2
  const told = errors
    .slice(0, 2)
    .map(({ kind, line }) => `(${kind}) ${line.length > 400 ? `${line.slice(0, 397)}...` : line}`)
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}
