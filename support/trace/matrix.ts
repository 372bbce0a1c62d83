import type { FeatureFile } from '../gherkin/features.ts'
import { notesOf } from '../gherkin/rule-notes.ts'
import type { ProofState } from '../proofs/proof.ts'
import type { Registry } from '../requirements/registry.ts'
import { type Requirement, revision } from '../requirements/requirement.ts'
import { isDisruptive, requirementOf } from '../tags.ts'
import type { Ledger, LedgerLine } from './ledger.ts'

/** How a requirement is looked after: by scenarios of its own or of one that promises the same, by people, or not yet. */
type Coverage = 'scenario' | 'same as another' | 'human' | 'later'

/** A scenario as it stands in its feature; an outline is one. */
interface TracedScenario {
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly line: number
  readonly disruptive: boolean
  readonly slow: boolean
}

/** One requirement with everything that is known of it. */
export interface Row {
  readonly requirement: Requirement
  readonly revision: string
  readonly coverage: Coverage
  /** Its own scenarios, or those that serve it too. */
  readonly scenarios: readonly TracedScenario[]
  /** Its scenarios were written for another revision, and nobody has looked at them since. */
  readonly outdated: boolean
  /** What runs found of it, the newest first. */
  readonly history: readonly LedgerLine[]
  /** Whether its scenarios have been seen to go red; null where nothing is on record. */
  readonly proof: ProofState | null
}

export interface Matrix {
  readonly rows: readonly Row[]
  /** Each system's name as people write it. */
  readonly systems: Registry['systems']
}

interface Rule {
  readonly revision: string | undefined
  readonly scenarios: readonly TracedScenario[]
}

/** Puts registry, features, history and proofs together: one row for each requirement, in the registry's order. */
export function matrixOf(
  registry: Registry,
  features: readonly FeatureFile[],
  ledger: Pick<Ledger, 'byRequirement'>,
  proofs: ReadonlyMap<string, ProofState> | undefined,
): Matrix {
  const rules = rulesOf(features)
  const rows = registry.requirements.map((requirement): Row => {
    const { id, sameAs = id } = requirement
    const own = rules.get(sameAs) ?? []
    const now = revisionOf(registry, sameAs)
    return {
      requirement,
      revision: revision(requirement),
      coverage: coverageOf(requirement, own.length > 0),
      scenarios: own.flatMap(({ scenarios }) => scenarios),
      outdated: own.some(rule => rule.revision !== now),
      history: ledger.byRequirement.get(id) ?? [],
      proof: own.length === 0 ? null : (proofs?.get(sameAs) ?? null),
    }
  })
  return { rows, systems: registry.systems }
}

/** Why a requirement has no scenario yet; of one that is the same as another, why that one has none. */
export function laterOf({ requirement }: Row, byId: Registry['byId']): Requirement['later'] {
  return requirement.later ?? byId.get(requirement.sameAs ?? '')?.later
}

function coverageOf({ kind, sameAs }: Requirement, hasScenarios: boolean): Coverage {
  if (hasScenarios) return sameAs === undefined ? 'scenario' : 'same as another'
  return kind === 'human' ? 'human' : 'later'
}

function revisionOf(registry: Registry, id: string): string | undefined {
  const requirement = registry.byId.get(id)
  return requirement === undefined ? undefined : revision(requirement)
}

function rulesOf(features: readonly FeatureFile[]): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>()
  for (const { file, document } of features) {
    for (const { rule } of document.feature?.children ?? []) {
      const id = rule === undefined ? undefined : requirementOf(rule.tags.map(({ name }) => name))
      if (rule === undefined || id === undefined) continue
      const scenarios = rule.children.flatMap(({ scenario }): TracedScenario[] => {
        if (scenario === undefined) return []
        const tags = [...rule.tags, ...scenario.tags].map(({ name }) => name)
        const { name, location } = scenario
        return [{ name, file, line: location.line, disruptive: isDisruptive(tags), slow: tags.includes('@slow') }]
      })
      rules.set(id, [...(rules.get(id) ?? []), { revision: notesOf(rule).revision, scenarios }])
    }
  }
  return rules
}
