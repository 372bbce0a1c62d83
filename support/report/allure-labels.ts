import { Status } from 'allure-js-commons'
import type { LifecycleListener } from 'allure-js-commons/sdk/reporter'
import { observationMediaType } from '../observation.ts'
import type { ProofState } from '../proofs/proof.ts'
import type { Registry } from '../requirements/registry.ts'
import type { Requirement } from '../requirements/requirement.ts'
import type { Verdict } from '../requirements/verdict.ts'
import type { ProofsOnRecord } from './result.ts'

export type TestResult = Parameters<NonNullable<LifecycleListener['beforeTestResultWrite']>>[0]
type StepResult = TestResult['steps'][number]

/** Allure itself takes a scenario that observed nothing, or whose clean-up failed, for passed. */
const statuses = {
  satisfied: Status.PASSED,
  'not applicable': Status.SKIPPED,
  undetermined: Status.BROKEN,
  violated: Status.FAILED,
} as const

const proofWords: Readonly<Record<ProofState, string>> = {
  proven: 'proven; it was seen to go red for the faults that break it, and green without them',
  unproven: 'unproven; nobody has seen it go red for a fault that breaks it (npm run prove)',
  contradicted: 'contradicted; a fault that breaks it was not noticed (npm run prove)',
  stale: 'stale; its wording, its figures or its scenarios have changed since it was proven (npm run prove)',
}

/** Fits a scenario's result in Allure with its verdict and the requirements that it proves, just before it is written. */
export function labelResult(
  result: TestResult,
  verdict: Verdict,
  registry: Registry,
  proofs: ProofsOnRecord | undefined,
): void {
  const requirements = result.labels
    .filter(({ name, value }) => name === 'tag' && value.includes('.'))
    .flatMap(({ value }) => registry.byId.get(value.slice(1)) ?? [])
  for (const requirement of requirements) {
    const proof = proofs?.get(requirement.id) ?? 'unproven'
    result.labels.push(
      { name: 'epic', value: requirement.document.title },
      { name: 'story', value: `${requirement.id} ${requirement.says}` },
      { name: 'severity', value: requirement.level === 'must' ? 'critical' : 'normal' },
      { name: 'proof', value: proof },
    )
    result.description = `${describe(requirement)}\n\nProof: ${proofWords[proof]}`
  }
  result.status = statuses[verdict.outcome]
  const { message } = verdict.observation
  if (verdict.outcome !== 'satisfied' && message !== undefined)
    result.statusDetails = { message, ...result.statusDetails }
  nameObservations(result.steps)
}

function describe({ says, level, withinMs, section, document, criteria, interpretation, source }: Requirement): string {
  const origin = [`${document.title}; ${section}`, ...criteria].join(', ')
  const parts = [
    `**${says}**`,
    `Level: ${level}${withinMs === undefined ? '' : `, deadline ${withinMs / 1000} s`}`,
    `From: ${origin}`,
  ]
  if (source !== undefined) parts.push(`Promised in: ${source}`)
  if (interpretation !== undefined) parts.push(`Read as: ${interpretation}`)
  return parts.join('\n\n')
}

/**
 * Gives what was observed a name instead of "Attachment", and a type that a browser shows. The steps that Allure wraps
 * around attachments have no inner steps, whatever its types say.
 */
function nameObservations(steps: readonly StepResult[] = []): void {
  for (const step of steps) {
    for (const attachment of step.attachments.filter(({ type }) => type === observationMediaType)) {
      attachment.name = 'what was observed'
      attachment.type = 'application/json'
      if (step.name === 'Attachment') step.name = 'observation'
    }
    nameObservations(step.steps)
  }
}
