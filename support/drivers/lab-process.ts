import { Agent, request } from 'undici'
import { RequestError, TransientError } from '../errors.ts'
import type { Answer } from './answer.ts'
import type { ProcessStatus } from './control.ts'
import { connectionError, excerpt } from './http.ts'
import type { Workload, WorkloadFile, WorkloadStatus } from './workload.ts'

const agents = new Map<string, Agent>()

/** One pool of connections per lab; idle ones do not keep the process alive. */
function agentFor(socket: string): Agent {
  const agent = agents.get(socket) ?? new Agent({ connect: { socketPath: socket } })
  agents.set(socket, agent)
  return agent
}

/** A process of the lab, seen and disrupted through the lab's control socket. */
export class LabProcess implements Workload {
  readonly name: string
  readonly #process: string
  readonly #socket: string

  constructor(reference: { readonly socket: string; readonly name: string }) {
    this.name = `lab/${reference.name}`
    this.#process = reference.name
    this.#socket = reference.socket
  }

  async status(signal: AbortSignal): Promise<Answer<WorkloadStatus>> {
    const answer = await this.#ask('GET', '', signal)
    const process = statusIn(answer)
    const { ready, restarts, memoryBytes, startedAt } = process
    const incarnation = `${process.name}#${restarts}@${startedAt}`
    const known = { ready, restarts, incarnation, startedAt: new Date(startedAt), description: describe(process) }
    return { ...answer, value: memoryBytes === undefined ? known : { ...known, memoryBytes } }
  }

  /**
   * The lines written since then. Tempo writes logfmt with `ts=`, MinIO (in the lab) JSON with `time`; a line without a
   * time, such as a banner or a stack, counts with the line before it, and a process's last words with its end. The
   * supervisor's own lines (`component=lab msg=started` and `msg=ended`) are among them.
   */
  async log(since: Date, signal: AbortSignal): Promise<Answer<string[]>> {
    const answer = await this.#ask('GET', `/log?since=${encodeURIComponent(since.toISOString())}`, signal)
    return { ...answer, value: answer.value.split('\n').filter(line => line !== '') }
  }

  /** @throws RequestError where the folder is none of the process's own */
  async files(folder: string, signal: AbortSignal): Promise<Answer<WorkloadFile[]>> {
    const answer = await this.#ask('GET', `/files?folder=${encodeURIComponent(folder)}`, signal)
    return { ...answer, value: jsonIn<{ files: WorkloadFile[] }>(answer).files }
  }

  async terminate(signal: AbortSignal): Promise<void> {
    await this.#ask('POST', '/terminate', signal)
  }

  async kill(signal: AbortSignal): Promise<void> {
    await this.#ask('POST', '/kill', signal)
  }

  async instances(signal: AbortSignal): Promise<Answer<number>> {
    const answer = await this.#ask('GET', '', signal)
    return { ...answer, value: statusIn(answer).instances }
  }

  /** @throws RequestError where it is asked for more than the one instance that a lab has */
  async scale(instances: number, signal: AbortSignal): Promise<void> {
    await this.#ask('POST', `/scale?instances=${instances}`, signal)
  }

  /**
   * @throws TransientError while the process is down (409) or the socket does not answer; RequestError, the environment's,
   * where there is no such process or no lab
   */
  async #ask(method: 'GET' | 'POST', action: string, signal: AbortSignal): Promise<Answer<string>> {
    const startedAt = performance.now()
    const path = `/processes/${encodeURIComponent(this.#process)}${action}`
    const asked = `${method} ${path} at the lab's socket ${this.#socket}`
    let status: number
    let text: string
    try {
      const response = await request(`http://lab${path}`, { method, signal, dispatcher: agentFor(this.#socket) })
      status = response.statusCode
      text = await response.body.text()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        throw new RequestError(`${asked}: there is no such socket; the lab is not running`, { cause: error })
      }
      throw connectionError(asked, error, signal, 'environment')
    }
    if (status === 409 || status === 429 || status >= 500)
      throw new TransientError(`${asked}: ${status} ${text}`, { whose: 'environment' })
    if (status >= 300) throw new RequestError(`${asked}: ${status} ${text}`)
    return { request: asked, elapsedMs: performance.now() - startedAt, value: text }
  }
}

function statusIn(answer: Answer<string>): ProcessStatus {
  return jsonIn(answer)
}

function jsonIn<T>({ request: asked, value }: Answer<string>): T {
  try {
    return JSON.parse(value) as T
  } catch (cause) {
    throw new RequestError(`${asked}: what was answered is no JSON: ${excerpt(value)}`, { cause })
  }
}

function describe({ name, ready, restarts, lastExit, pid }: ProcessStatus): string {
  const state = pid === undefined ? 'down' : ready ? 'ready' : 'not ready'
  const times = restarts === 1 ? '1 restart' : `${restarts} restarts`
  return `${name}: ${state}, ${times}${lastExit === undefined ? '' : `, last ended by ${lastExit}`}`
}
