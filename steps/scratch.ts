import { KubernetesClient } from '../support/drivers/kubernetes-client.ts'
import { ScratchNamespace } from '../support/drivers/kubernetes-scratch.ts'
import { learnOf } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { kubernetesSystem } from '../support/systems.ts'
import type { Cluster } from '../support/target/target.ts'
import type { AcceptanceWorld } from '../support/world.ts'

const removalMs = 30_000

const namespaces = scenarioState<AcceptanceWorld, Map<string, Promise<ScratchNamespace>>>(() => new Map())

/** The scenario's own namespace in a cluster, made when it is first asked for and removed when the scenario ends. */
export async function scratchOf(world: AcceptanceWorld, cluster?: Cluster): Promise<ScratchNamespace> {
  const chosen = cluster ?? kubernetesSystem(world.run).cluster
  const made = namespaces(world)
  const scratch = made.get(chosen.name) ?? makeScratch(world, chosen)
  made.set(chosen.name, scratch)
  return await scratch
}

async function makeScratch(world: AcceptanceWorld, cluster: Cluster): Promise<ScratchNamespace> {
  const scratch = new ScratchNamespace(KubernetesClient.of(cluster), world.probe)
  // Before it is made: an answer that is lost does not mean that it was not.
  world.defer(async () => await scratch.remove(AbortSignal.timeout(removalMs)))
  await learnOf(world.run, 'a namespace for the scenario', signal => scratch.create(signal))
  return scratch
}
