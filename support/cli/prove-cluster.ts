import { ClusterFaults } from '../cluster/cluster-faults.ts'
import { deploy } from '../cluster/deployment.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { clusterPlace } from '../cluster/place.ts'
import { describeError } from '../errors.ts'
import type { Fault } from '../faults/fault.ts'
import { withNeeds } from '../lab/lab-systems.ts'
import { findProgram } from '../lab/program.ts'
import type { SeenRun } from '../proofs/judge.ts'
import { isInLab, type SystemName } from '../system-names.ts'
import { openPlace, type Place } from './place.ts'
import type { RunEnded, RunOrder } from './prove-run.ts'
import type { ProvingOrder, ProvingPlace } from './proving-place.ts'
import { ProvingRuns } from './proving-runs.ts'
import { sweepLeftovers } from './sweeping.ts'

export interface ProvingClusterOptions {
  readonly systems: readonly SystemName[]
  readonly signal: AbortSignal
  tell(line: string): void
}

/** The cluster lab with systems in it, which goes on running when this is disposed of. */
export class ProvingCluster implements ProvingPlace {
  readonly #options: ProvingClusterOptions
  readonly #place: Place
  readonly #faults: ClusterFaults
  readonly #runs: ProvingRuns

  /** Boots the cluster and deploys the systems, where that is not so yet. */
  static async start(options: ProvingClusterOptions): Promise<ProvingCluster> {
    const { systems, signal } = options
    const place = await openPlace({ targetFile: 'cluster', systems, signal })
    const { path } = await findProgram('kubectl', { signal, onProgress: () => undefined })
    // What was changed is put back after an interruption too.
    const control = kubectl(path, clusterPlace(), new AbortController().signal)
    return new ProvingCluster(options, place, new ClusterFaults(control, clusterPlace()))
  }

  private constructor(options: ProvingClusterOptions, place: Place, faults: ClusterFaults) {
    this.#options = options
    this.#place = place
    this.#faults = faults
    this.#runs = new ProvingRuns(options.signal)
  }

  get versions(): Readonly<Record<string, string>> {
    return this.#place.versions
  }

  /** Deploys what is deployed already: whatever differs from the manifests is as they say again. */
  async renew(): Promise<void> {
    const { systems, signal, tell } = this.#options
    await deploy({ place: clusterPlace(), systems: withNeeds(systems.filter(isInLab)), signal, tell })
  }

  /** Nothing of a fault stays in the servers: their pods have been made anew. */
  async restartServers(): Promise<void> {}

  async run(order: ProvingOrder): Promise<RunEnded> {
    return await this.#run(order)
  }

  async runUnder(fault: Fault, order: ProvingOrder): Promise<SeenRun> {
    const startedAt = performance.now()
    const seen = await this.#seeUnder(fault, order)
    return { ...seen, strikes: [], tookMs: performance.now() - startedAt }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#faults.restore()
    await this.#place[Symbol.asyncDispose]()
    this.#runs[Symbol.dispose]()
  }

  async #seeUnder(fault: Fault, order: ProvingOrder): Promise<Pick<SeenRun, 'requirements' | 'failure'>> {
    try {
      await this.#faults.apply(fault.cluster)
    } catch (error) {
      await this.#faults.restore()
      return { requirements: [], failure: `it could not be brought about: ${describeError(error)}` }
    }
    try {
      return await this.#run({ ...order, fault })
    } finally {
      await this.#faults.restore()
    }
  }

  async #run(order: ProvingOrder & Pick<RunOrder, 'fault'>): Promise<RunEnded> {
    const ended = await this.#runs.run({ ...order, lab: this.#place })
    if (ended.hasLeftovers) await sweepLeftovers({ ...process.env, ...this.#place.environment }, this.#options.tell)
    return ended
  }
}
