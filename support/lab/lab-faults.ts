import { isDeepStrictEqual } from 'node:util'
import type { Fault, ServerFault } from '../faults/fault.ts'
import type { Rule } from '../faults/rule.ts'
import type { ServerSystemName } from '../system-names.ts'
import type { LabProxy } from './proxy/proxy.ts'
import type { Patience, ServerCommand } from './server-command.ts'
import type { ServerProcess } from './server-process.ts'

/** What of a fault happens in the lab; a fault of the target file or of the suite itself happens elsewhere. */
export type LabFault = Pick<Fault, 'rules' | 'servers'>

/** A server that a fault can configure otherwise. */
export interface FaultyServer {
  readonly process: ServerProcess
  /** Its command, with what the fault makes different. */
  command(fault?: ServerFault): Promise<ServerCommand>
  /** Names below its folder of what it has not stored yet. */
  readonly unstored: readonly string[]
}

/** What a fault can strike. */
export interface FaultyParts {
  readonly proxy: LabProxy
  readonly systems: ReadonlyMap<ServerSystemName, FaultyServer>
  /** All servers, those of the systems among them. */
  readonly processes: ReadonlyMap<string, ServerProcess>
}

/** A start that may be meant to fail is not waited for like one that must not. */
const faultyStart: Patience = { unreadyMs: 3_000, silentMs: 15_000 }

/** The faults of one lab: there is one at a time. */
export class LabFaults {
  readonly #parts: FaultyParts
  #rules: readonly Rule[] = []
  #servers: LabFault['servers'] = {}

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
    const before = this.#servers
    const systems = await Promise.all(
      [...this.#parts.systems].map(async ([name, server]) => ({
        ...server,
        command: await server.command(servers[name]),
        was: before[name],
        becomes: servers[name],
        // One whose storage failed pauses before it tries again, and the log of its start tells of it.
        isStruck: this.#rules.some(rule => mayStrikeStorageOf(name, rule)),
      })),
    )
    const [restarted, kept] = [true, false].map(anew =>
      systems.filter(({ was, becomes, isStruck }) => (isStruck || !runsAlike(was, becomes)) === anew),
    )
    for (const { process, command } of kept ?? []) process.change(command)
    // What rules count begins when the servers are ready, and their start is not struck.
    if (restarted !== undefined && restarted.length > 0) await this.setRules([])
    await Promise.all((restarted ?? []).map(async each => await restart(each, signal)))
    this.#servers = servers
    for (const { process, was, becomes } of systems) {
      if (was?.staysDown === true && becomes?.staysDown !== true) await process.becomesReady(signal)
    }
    await this.setRules(rules)
  }

  /** See `Lab.restore`. @throws EnvironmentError where a server does not become ready */
  async restore(signal: AbortSignal): Promise<void> {
    await this.apply({ rules: [], servers: {} }, signal)
    for (const process of this.#parts.processes.values()) await process.becomesReady(signal)
  }
}

interface Restart {
  readonly process: ServerProcess
  readonly command: ServerCommand
  readonly unstored: readonly string[]
  readonly was: ServerFault | undefined
}

/** What a server of another configuration had not stored would be stored by this one, in its place and its way. */
async function restart({ process, command, unstored, was }: Restart, signal: AbortSignal): Promise<void> {
  const wasFaulty = !runsAlike(was, undefined)
  process.change(wasFaulty ? { ...command, loses: [...(command.loses ?? []), ...unstored] } : command)
  await process.restart(signal, faultyStart)
  process.change(command)
}

/** Whether the same process does for both; what is lost and what stays down matters at its end only. */
function runsAlike(one: ServerFault | undefined, other: ServerFault | undefined): boolean {
  const [before, after] = [one, other].map(fault => [fault?.configuration ?? {}, fault?.environment ?? {}])
  return isDeepStrictEqual(before, after)
}

/** The account of a rule is the beginning of an access key, and that of a system begins with its name. */
function mayStrikeStorageOf(name: ServerSystemName, { at, when: { account = '' } }: Rule): boolean {
  return at === 'minio.s3' && (account.startsWith(name) || name.startsWith(account))
}
