import { isDeepStrictEqual } from 'node:util'
import type { Fault, ServerFault } from '../faults/fault.ts'
import type { Rule } from '../faults/rule.ts'
import type { LabProxy } from './proxy/proxy.ts'
import type { Patience, ServerCommand } from './server-command.ts'
import type { ServerProcess } from './server-process.ts'

/** What of a fault happens in the lab; a fault of the target file or of the suite itself happens elsewhere. */
export type LabFault = Pick<Fault, 'rules' | 'servers'>

/** What a fault can strike. */
export interface FaultyParts {
  readonly proxy: LabProxy
  readonly tempo: ServerProcess
  /** Tempo's command, with what the fault makes different. */
  tempoCommand(fault?: ServerFault): Promise<ServerCommand>
  /** All servers, Tempo among them. */
  readonly processes: ReadonlyMap<string, ServerProcess>
}

/** A start that may be meant to fail is not waited for like one that must not. */
const faultyStart: Patience = { unreadyMs: 3_000, silentMs: 15_000 }
/** What Tempo holds outside its object storage. */
const unstored = ['wal', 'blocks']

/** The faults of one lab: there is one at a time. */
export class LabFaults {
  readonly #parts: FaultyParts
  #rules: readonly Rule[] = []
  #tempo: ServerFault | undefined

  constructor(parts: FaultyParts) {
    this.#parts = parts
  }

  /** What the proxy follows now. */
  get rules(): readonly Rule[] {
    return this.#rules
  }

  /** Replaces the rules and leaves the servers as they are. */
  async setRules(rules: readonly Rule[]): Promise<void> {
    await this.#parts.proxy.setRules(rules)
    this.#rules = rules
  }

  async strikes(): Promise<readonly number[]> {
    return await this.#parts.proxy.strikes()
  }

  /** See `Lab.apply`. */
  async apply({ rules, servers }: LabFault, signal: AbortSignal): Promise<void> {
    const { tempo, tempoCommand } = this.#parts
    const before = this.#tempo
    const command = await tempoCommand(servers.tempo)
    // A Tempo whose storage failed pauses before it tries again, and the log of its start tells of it.
    if (runsAlike(before, servers.tempo) && !this.#rules.some(mayStrikeStorageOfTempo)) tempo.change(command)
    else {
      // What rules count begins when the servers are ready, and their start is not struck.
      await this.setRules([])
      await this.#restartTempo(command, signal)
    }
    this.#tempo = servers.tempo
    if (before?.staysDown === true && servers.tempo?.staysDown !== true) await tempo.becomesReady(signal)
    await this.setRules(rules)
  }

  /** See `Lab.restore`. @throws EnvironmentError where a server does not become ready */
  async restore(signal: AbortSignal): Promise<void> {
    await this.apply({ rules: [], servers: {} }, signal)
    for (const process of this.#parts.processes.values()) await process.becomesReady(signal)
  }

  /** What a Tempo of another configuration had not stored would be stored by this one, in its place and its way. */
  async #restartTempo(command: ServerCommand, signal: AbortSignal): Promise<void> {
    const { tempo } = this.#parts
    const wasFaulty = !runsAlike(this.#tempo, undefined)
    tempo.change(wasFaulty ? { ...command, loses: [...(command.loses ?? []), ...unstored] } : command)
    await tempo.restart(signal, faultyStart)
    tempo.change(command)
  }
}

/** Whether the same process does for both; what is lost and what stays down matters at its end only. */
function runsAlike(one: ServerFault | undefined, other: ServerFault | undefined): boolean {
  const [before, after] = [one, other].map(fault => [fault?.configuration ?? {}, fault?.environment ?? {}])
  return isDeepStrictEqual(before, after)
}

/** The account of a rule is the beginning of an access key, and Tempo's begins with its name. */
function mayStrikeStorageOfTempo({ at, when: { account = '' } }: Rule): boolean {
  return at === 'minio.s3' && (account.startsWith('tempo') || 'tempo'.startsWith(account))
}
