import type { PlannedScenario } from '../gherkin/features.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { requirementOf } from '../tags.ts'
import { exitCodes } from './command.ts'
import { unmatchedSteps } from './cucumber.ts'

/** Tells what would run, by requirement, and whether every step of it is defined. Starts and changes nothing. */
export async function printPlan(project: string, scenarios: readonly PlannedScenario[], tags: string): Promise<number> {
  const registry = loadRegistry()
  const byRequirement = Map.groupBy(scenarios, scenario => requirementOf(scenario.tags) ?? 'no requirement')
  for (const [id, own] of byRequirement) {
    process.stdout.write(`${id}  ${registry.byId.get(id)?.says ?? 'not in the registry'}\n`)
    for (const { name, file, line, tags: carried } of own) {
      const costs = carried.filter(tag => tag === '@disruptive' || tag === '@slow').join(' ')
      process.stdout.write(`    ${file}:${line}  ${name}${costs === '' ? '' : `  ${costs}`}\n`)
    }
  }
  process.stdout.write(`${byRequirement.size} requirements, ${scenarios.length} scenarios would run\n`)
  const unmatched = await unmatchedSteps(project, tags)
  for (const step of unmatched) process.stderr.write(`no single definition fits the step: ${step}\n`)
  return unmatched.length === 0 ? exitCodes.satisfied : exitCodes.usage
}
