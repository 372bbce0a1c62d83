import { basename } from 'node:path'
import { isDisruptive } from '../tags.ts'
import type { PlannedScenario } from './features.ts'

/** Of the scenarios that wait longest: for blocks in a bucket, for the scrapes of Prometheus. */
const longest = ['storage.feature', 'remote-write.feature']

/**
 * The files of scenarios in the order in which they are run fastest: first what waits longest, last what has its system to
 * itself. Cucumber gives a worker no more work once there was nothing that it might do (version 13), so whatever may run
 * beside others must come before what may not.
 */
export function filesInOrder(scenarios: readonly PlannedScenario[]): string[] {
  const ranks = new Map<string, number>()
  for (const scenario of scenarios) ranks.set(scenario.file, Math.max(ranks.get(scenario.file) ?? 0, rankOf(scenario)))
  return [...ranks].sort(([, one], [, other]) => one - other).map(([file]) => file)
}

function rankOf({ file, tags }: PlannedScenario): number {
  if (isDisruptive(tags)) return 2
  return longest.includes(basename(file)) ? 0 : 1
}
