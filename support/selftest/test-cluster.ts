import { join } from 'node:path'
import { bootCluster, removeCluster } from '../cluster/cluster.ts'
import { type Deployment, deploy } from '../cluster/deployment.ts'
import { type Kubectl, kubectl } from '../cluster/kubectl.ts'
import { type ClusterPlace, clusterPlace } from '../cluster/place.ts'
import { findProgram } from '../lab/program.ts'
import { describeProgress, type LabProgress } from '../lab/progress.ts'
import type { ServerSystemName } from '../system-names.ts'
import { Surroundings } from './surroundings.ts'

const longestMs = 40 * 60_000

/** A cluster lab of a test's own, with these systems in it. */
export class TestCluster implements AsyncDisposable {
  readonly surroundings: Surroundings
  readonly place: ClusterPlace
  readonly deployment: Deployment
  /** As who may do everything. */
  readonly control: Kubectl
  readonly #systems: readonly ServerSystemName[]

  static async start(systems: readonly ServerSystemName[]): Promise<TestCluster> {
    const surroundings = new Surroundings()
    const place = clusterPlace(join(surroundings.data, 'cluster'))
    try {
      await bootCluster({ place, signal, onProgress: tellProgress })
      const deployment = await deploy({ place, systems, signal, tell })
      const { path } = await findProgram('kubectl', { signal, onProgress: tellProgress })
      return new TestCluster(surroundings, systems, place, deployment, kubectl(path, place, signal))
    } catch (error) {
      await removeCluster(place)
      await surroundings[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(
    surroundings: Surroundings,
    systems: readonly ServerSystemName[],
    place: ClusterPlace,
    deployment: Deployment,
    control: Kubectl,
  ) {
    this.surroundings = surroundings
    this.place = place
    this.deployment = deployment
    this.control = control
    this.#systems = systems
  }

  /** Puts Secrets, Services and StatefulSets as they were. */
  async redeploy(): Promise<void> {
    await deploy({ place: this.place, systems: this.#systems, signal, tell: () => undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeCluster(this.place)
    await this.surroundings[Symbol.asyncDispose]()
  }
}

const signal = AbortSignal.timeout(longestMs)

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

function tellProgress(event: LabProgress): void {
  tell(describeProgress(event))
}
