import { describeError } from '../errors.ts'
import type { Fault } from '../faults/fault.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { SeenRun } from '../proofs/judge.ts'
import { isServer, type LabSystemName } from '../system-names.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import type { RunEnded, RunOrder } from './prove-run.ts'
import type { ProvingOrder, ProvingPlace } from './proving-place.ts'
import { type ProvingRun, ProvingRuns } from './proving-runs.ts'
import { sweepLeftovers } from './sweeping.ts'

export interface ProvingLabOptions {
  readonly systems: readonly LabSystemName[]
  readonly signal: AbortSignal
  tell(line: string): void
}

/**
 * Each run leaves blocks in the bucket, and every query looks at all of them: after some twenty minutes answers take many
 * times as long as when the waits were measured. A new lab takes 2 s.
 */
const runsBeforeWorn = 10

/** A lab on which one run follows the other; where something of a run sticks to it, a new one takes its place. */
export class ProvingLab implements ProvingPlace {
  readonly #options: ProvingLabOptions
  readonly #runs: ProvingRuns
  #lab: Lab
  #runsOfThisLab = 0

  static async start(options: ProvingLabOptions): Promise<ProvingLab> {
    return new ProvingLab(options, await newLab(options))
  }

  private constructor(options: ProvingLabOptions, lab: Lab) {
    this.#options = options
    this.#runs = new ProvingRuns(options.signal)
    this.#lab = lab
  }

  /** The lab that runs now. */
  get lab(): Pick<Lab, 'targetFile' | 'environment'> {
    return this.#lab
  }

  get versions(): Readonly<Record<string, string>> {
    return this.#lab.versions
  }

  async renew(): Promise<void> {
    await this.#replace()
  }

  async restartServers(): Promise<void> {
    const anew = { configuration: {}, environment: { ACCEPTANCE_RESTART: 'yes' }, loses: [], staysDown: false }
    await this.#lab.apply({
      rules: [],
      servers: Object.fromEntries(this.#options.systems.filter(isServer).map(name => [name, anew])),
    })
    await this.#lab.restore()
  }

  async run(order: ProvingOrder): Promise<RunEnded> {
    const ended = await this.#run(order)
    if (ended.hasLeftovers) await this.#replace(`a run did not put everything back`)
    return ended
  }

  async runUnder(fault: Fault, order: ProvingOrder): Promise<SeenRun> {
    const startedAt = performance.now()
    const seen = await this.#seeUnder(fault, order)
    return { ...seen, tookMs: performance.now() - startedAt }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]()
    this.#runs[Symbol.dispose]()
  }

  async #seeUnder(fault: Fault, order: ProvingOrder): Promise<Omit<SeenRun, 'tookMs'>> {
    const nothing = { requirements: [], strikes: [] }
    try {
      await this.#lab.apply(fault)
    } catch (error) {
      await this.#replace(`${fault.id} could not be brought about`)
      return { ...nothing, failure: `it could not be brought about: ${describeError(error)}` }
    }
    const ended = await this.#run({ ...order, fault })
    const strikes = await this.#lab.strikes()
    try {
      await this.#lab.restore()
      if (ended.hasLeftovers) await this.#replace(`the run of ${fault.id} did not put everything back`)
      else if (this.#runsOfThisLab >= runsBeforeWorn) await this.#replace()
    } catch (error) {
      await this.#replace(`${fault.id} could not be taken back: ${describeError(error)}`)
    }
    const { requirements, failure } = ended
    return { requirements, strikes, ...(failure !== undefined && { failure }) }
  }

  async #run(order: ProvingOrder & Pick<RunOrder, 'fault'>): Promise<ProvingRun> {
    this.#runsOfThisLab += 1
    return await this.#runs.run({ ...order, lab: this.#lab })
  }

  /** Where there is nothing to tell, it is only worn. */
  async #replace(why?: string): Promise<void> {
    const { signal, tell } = this.#options
    signal.throwIfAborted()
    if (why !== undefined) tell(`a new lab takes the place of one: ${why}`)
    const old = this.#lab
    await old[Symbol.asyncDispose]()
    // Its file is gone, so there is nothing to undo any more; the journal is told.
    await sweepLeftovers({ ...process.env, ...old.environment }, () => undefined)
    this.#lab = await newLab(this.#options)
    this.#runsOfThisLab = 0
  }
}

async function newLab({ systems, signal }: ProvingLabOptions): Promise<Lab> {
  using progress = new LabProgressPrinter(process.stderr)
  return await startLab({ systems, ports: 'free', signal, onProgress: event => progress.print(event) })
}
