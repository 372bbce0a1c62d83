import { Unmet } from '../errors.ts'
import { healthyLines, recordedStorageErrors, type StorageErrorKind } from './recorded-storage-errors.ts'

export interface StorageError {
  readonly kind: StorageErrorKind
  readonly line: string
}

/** Tempo logs in logfmt or in JSON. */
const troubled = /\blevel=(error|warn)\b|"level":"(error|warn)"/

/** What Tempo was about when its storage failed: each begins the text of an error in modules/ or tempodb/. */
const storageContexts = [
  // main.go, at the start: "failed to create store: unexpected error from ListObjects on BUCKET: ..."
  /failed to create store/,
  // tempodb.go, on each look for new blocks
  /failed to poll blocklist/,
  // flush.go, on each attempt to write a block
  /error performing op in flushQueue/,
  // backend/s3: reads and writes of single objects
  /error (writing|listing|reading|copying|retrieving|finding)[^"]*(s3|bloom|bucket|backend|block)/,
  /\bs3 (bucket|backend)\b/,
  // compactor.go
  /error during compaction cycle/,
  /failed to (clear|mark|delete|write)[^"]*\b(block|tenant index|tenant indexes)/,
]

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

/** Not a fault of the storage: the request was given up by Tempo itself, or a block was deleted while it was read. */
const benign = /context canceled|does not exist in (the )?backend|key does not exist|NoSuchKey|block does not exist/

/** The lines of a log that tell of trouble with the storage. */
export function storageErrors(lines: readonly string[]): StorageError[] {
  return lines.flatMap(line => {
    if (!troubled.test(line) || !storageContexts.some(context => context.test(line))) return []
    const kind = kinds.find(({ pattern }) => pattern.test(line))?.kind
    if (kind === undefined && benign.test(line)) return []
    return [{ kind: kind ?? 'other', line }]
  })
}

/** Proves that the search finds each error that was once recorded, as what it is, and nothing in a healthy log. */
export function proveLogSearch(): void {
  for (const { cause, kind, line } of recordedStorageErrors) {
    const [found] = storageErrors([line])
    if (found?.kind !== kind)
      throw new Error(`the search of the log does not find "${cause}" as an error of ${kind}: ${line}`)
  }
  const [wrong] = storageErrors(healthyLines)
  if (wrong !== undefined) throw new Error(`the search of the log takes a healthy line for an error: ${wrong.line}`)
}

/** Accepts a log without trouble with the storage. A log without any line at all proves nothing. */
export const noStorageErrors = (lines: readonly string[]): void => {
  const errors = withLines(lines)
  if (errors.length > 0) throw new Unmet(`${errors.length} storage errors in the log: ${quote(errors)}`)
}

/** Accepts a log that tells that a write to the storage failed. */
export const recordsStorageWriteError = (lines: readonly string[]): void => {
  const writes = withLines(lines).filter(({ line }) => /flushQueue|error writing|PutObject/.test(line))
  if (writes.length === 0) throw new Unmet(`no failed write to the storage among ${lines.length} lines of the log`)
}

/** Accepts a log that names refused credentials as the cause of a storage error. */
export const namesRefusedCredentials = (lines: readonly string[]): void => {
  const errors = withLines(lines)
  if (errors.some(({ kind }) => kind === 'authentication')) return
  const others = errors.length === 0 ? 'no storage error at all' : `only ${quote(errors)}`
  throw new Unmet(`no line of the log names refused credentials: ${others}`)
}

function withLines(lines: readonly string[]): StorageError[] {
  if (lines.length === 0) throw new Unmet('the log has no lines at all')
  return storageErrors(lines)
}

function quote(errors: readonly StorageError[]): string {
  const more = errors.length - 2
  const told = errors
    .slice(0, 2)
    .map(({ kind, line }) => `(${kind}) ${line.length > 400 ? `${line.slice(0, 397)}...` : line}`)
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}
