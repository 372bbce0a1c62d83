import { readdir, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isAbsolute, join, relative } from 'node:path'
import { describeError, EnvironmentError } from '../errors.ts'
import { redact } from '../secret.ts'
import type { ControlReply } from './control-reply.ts'
import { answerRules, type RuleKeeper } from './control-rules.ts'
import { linesSince } from './server-log.ts'
import type { ServerProcess } from './server-process.ts'

/** Longest path of a Unix socket, with its closing zero, on Linux (108) and macOS (104); unix(7). */
const longestPath = 103

/** What can be asked about and disrupted on a control socket. */
interface Controlled {
  readonly processes: ReadonlyMap<string, ServerProcess>
  /** Undefined as long as there is no proxy. */
  rules?(): RuleKeeper | undefined
}

/** @throws EnvironmentError where nobody could listen on a socket of this path */
export function assertShortEnough(socket: string): void {
  if (Buffer.byteLength(socket) > longestPath) {
    throw new EnvironmentError(`the lab's socket ${socket} has too long a path; set TMPDIR to a shorter one`)
  }
}

/**
 * Answers questions about the lab's processes on a Unix socket, and disrupts them, as `support/drivers/control.ts`
 * describes. A log is answered as plain text, everything else as JSON; 404 for a process that the lab has not, 409 for
 * one that is down and cannot be ended.
 */
export async function serveControl(socket: string, controlled: Controlled): Promise<AsyncDisposable> {
  assertShortEnough(socket)
  const server = createServer((request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    answer(request, controlled, gone.signal).then(
      reply => send(response, reply),
      (error: unknown) => send(response, { status: 500, body: { error: redact(describeError(error)) } }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(new EnvironmentError(`the lab cannot listen on ${socket}`, { cause: error })))
    server.listen(socket, resolve)
  })
  // What keeps the lab's process alive is the lab, not its socket.
  server.unref()
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function answer(
  request: IncomingMessage,
  { processes, rules }: Controlled,
  signal: AbortSignal,
): Promise<ControlReply> {
  const url = new URL(request.url ?? '/', 'http://lab')
  const [root, name, action, ...rest] = url.pathname.split('/').slice(1).map(decodeURIComponent)
  const keeper = root === 'rules' && name === undefined ? rules?.() : undefined
  if (keeper !== undefined) return await answerRules(request, keeper)
  const process = root === 'processes' && name !== undefined && rest.length === 0 ? processes.get(name) : undefined
  if (process === undefined)
    return failure(404, `the lab has no ${url.pathname}; it runs ${[...processes.keys()].join(', ')}`)
  switch (`${request.method} ${action ?? ''}`) {
    case 'GET ':
      return { status: 200, body: await process.status(signal) }
    case 'GET log':
      return await log(process, url.searchParams.get('since'))
    case 'GET files':
      return await files(process, url.searchParams.get('folder') ?? '')
    case 'POST terminate':
      return process.terminate() ? { status: 202, body: {} } : failure(409, `${name} is down`)
    case 'POST kill':
      return process.kill() ? { status: 202, body: {} } : failure(409, `${name} is down`)
    case 'POST scale':
      return scale(process, url.searchParams.get('instances'))
    default:
      return failure(404, `${request.method} ${url.pathname} is nothing that the lab can do`)
  }
}

async function files(process: ServerProcess, folder: string): Promise<ControlReply> {
  const { directory } = process.command
  const below = relative(directory, folder)
  if (!isAbsolute(folder) || below.startsWith('..') || isAbsolute(below))
    return failure(404, `${folder} is no folder of ${process.command.name}, whose own is ${directory}`)
  return { status: 200, body: { files: await filesBelow(folder) } }
}

/** Of a folder in which others write: what is gone in the meantime is left out. */
async function filesBelow(folder: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(gone([]))
  const found = entries
    .filter(entry => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const file = join(parentPath, name)
      const known = await stat(file).catch(gone(undefined))
      return known === undefined ? [] : [{ path: relative(folder, file).replaceAll('\\', '/'), bytes: known.size }]
    })
  return (await Promise.all(found)).flat()
}

function gone<T>(instead: T): (error: unknown) => T {
  return error => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead
    throw error
  }
}

function scale(process: ServerProcess, instances: string | null): ControlReply {
  if (instances !== '0' && instances !== '1') return failure(400, `instances=${instances} is neither 0 nor 1`)
  process.scale(instances === '0' ? 0 : 1)
  return { status: 202, body: {} }
}

async function log(process: ServerProcess, since: string | null): Promise<ControlReply> {
  const from = new Date(since ?? 0)
  if (Number.isNaN(from.getTime())) return failure(400, `since=${since} is no ISO time`)
  const lines = await linesSince(process.command.logFile, from)
  return { status: 200, body: lines.map(line => `${redact(line)}\n`).join('') }
}

function failure(status: number, error: string): ControlReply {
  return { status, body: { error } }
}

function send(response: ServerResponse, { status, body }: ControlReply): void {
  const text = typeof body === 'string'
  response.writeHead(status, { 'content-type': text ? 'text/plain; charset=utf-8' : 'application/json' })
  response.end(text ? body : JSON.stringify(body))
}
