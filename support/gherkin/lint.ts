import type { Background, Feature, Rule, Scenario, Tag } from '@cucumber/messages'
import type { Registry } from '../requirements/registry.ts'
import { type Requirement, revision } from '../requirements/requirement.ts'
import { systemNames } from '../system-names.ts'
import { disruptionTag, isDisruptive, requirementOf, systemsOf } from '../tags.ts'
import type { FeatureFile } from './features.ts'
import { type Fault, faultsOfBackground, faultsOfScenario } from './lint-scenario.ts'
import { notesOf } from './rule-notes.ts'

/** What a scenario costs or needs. */
const costs = ['@disruptive', '@slow', '@kubernetes', ...systemNames.map(disruptionTag)]

/**
 * Everything in which features are not what they should be: one Rule for each requirement that has scenarios, in the
 * words and with the figures of the registry, made of scenarios that can fail. Each as `file:line: what is wrong`.
 */
export function faultsOfFeatures(features: readonly FeatureFile[], registry: Registry): string[] {
  const faults: string[] = []
  const rules = new Map<string, { place: string; part: string | undefined }[]>()
  for (const { file, document } of features) {
    if (document.feature === undefined) {
      faults.push(`${file}:1: holds no Feature`)
      continue
    }
    for (const [line, message] of faultsOfFeature(document.feature, file, registry)) {
      faults.push(`${file}:${line}: ${message}`)
    }
    for (const rule of rulesOf(document.feature)) {
      const own = { place: `${file}:${rule.location.line}`, part: notesOf(rule).part }
      for (const id of requirementsOf(rule.tags)) {
        const earlier = rules.get(id) ?? []
        faults.push(...faultsOfParts(id, own, earlier))
        rules.set(id, [...earlier, own])
      }
    }
  }
  for (const { id, file, line, later, sameAs, kind } of registry.requirements) {
    if (later === undefined && sameAs === undefined && kind !== 'human' && !rules.has(id)) {
      faults.push(`${file}:${line}: ${id} has no Rule in any feature, and no "later" that says why`)
    }
  }
  return faults
}

interface RulePart {
  readonly place: string
  readonly part: string | undefined
}

/** Two Rules may share a requirement where each says which part of it is its own. */
function faultsOfParts(id: string, { place, part }: RulePart, earlier: readonly RulePart[]): string[] {
  const clash = earlier.find(other => part === undefined || other.part === undefined || other.part === part)
  if (clash === undefined) return []
  if (part !== undefined && clash.part === part)
    return [`${place}: "Part: ${part}" of ${id} already stands at ${clash.place}`]
  return [
    `${place}: ${id} already has its Rule at ${clash.place}; where each proves a part, both say which ("Part: ...")`,
  ]
}

function* faultsOfFeature(feature: Feature, file: string, registry: Registry): Generator<Fault> {
  const own = feature.tags.map(({ name }) => name)
  const system = systemNames.find(name => file.split(/[\\/]/).includes(name))
  if (system === undefined) yield [feature.location.line, `lies in no folder of a system (${systemNames.join(', ')})`]
  else if (!own.includes(`@${system}`))
    yield [feature.location.line, `the Feature lacks the tag of its system, @${system}`]
  yield* faultsOfTags(feature.tags, 'Feature')
  for (const { background, scenario, rule } of feature.children) {
    if (background !== undefined) yield* faultsOfBackground(background)
    if (scenario !== undefined)
      yield [scenario.location.line, `"${scenario.name}" stands in no Rule, so it proves nothing`]
    if (rule !== undefined) {
      const around = { tags: own, backgrounds: feature.children.flatMap(child => child.background ?? []) }
      yield* faultsOfRule(rule, around, registry)
    }
  }
}

function* faultsOfRule(
  rule: Rule,
  around: { readonly tags: readonly string[]; readonly backgrounds: readonly Background[] },
  registry: Registry,
): Generator<Fault> {
  const { line } = rule.location
  const ids = requirementsOf(rule.tags)
  const [id] = ids
  const requirement = registry.byId.get(id ?? '')
  yield* faultsOfTags(rule.tags, 'Rule')
  if (ids.length !== 1) yield [line, `a Rule has exactly one requirement as its tag, not ${ids.length}`]
  for (const each of ids.filter(each => !registry.byId.has(each))) {
    yield [line, `there is no requirement ${each}; did you mean ${registry.nearest(each, 3).join(', ')}?`]
  }
  if (requirement !== undefined) yield* faultsOfPromise(rule, requirement)
  if (notesOf(rule).revision === undefined) {
    const now = requirement === undefined ? '' : ` (Revision: ${revision(requirement)})`
    yield [line, `the Rule does not say for which revision of its requirement it was written${now}`]
  }
  const backgrounds = [...around.backgrounds, ...rule.children.flatMap(child => child.background ?? [])]
  if (!rule.children.some(({ scenario }) => scenario !== undefined)) yield [line, 'the Rule has no scenario']
  for (const { background, scenario } of rule.children) {
    if (background !== undefined) yield* faultsOfBackground(background)
    if (scenario === undefined) continue
    yield* faultsOfTags(scenario.tags, 'Scenario')
    const tags = [...around.tags, ...[...rule.tags, ...scenario.tags].map(({ name }) => name)]
    yield* faultsOfDisruption(scenario, tags)
    yield* faultsOfScenario(scenario, { requirement, tags, backgrounds })
  }
}

function* faultsOfPromise({ location, name }: Rule, { id, says, later, sameAs }: Requirement): Generator<Fault> {
  if (later !== undefined) yield [location.line, `${id} has a Rule, but its "later" says: ${later}`]
  if (sameAs !== undefined) yield [location.line, `${id} is proven by the Rule of ${sameAs}, and has none of its own`]
  if (`${name}.` !== says) yield [location.line, `the Rule says otherwise than ${id} does: "${says}"`]
}

function* faultsOfTags(tags: readonly Tag[], keyword: 'Feature' | 'Rule' | 'Scenario'): Generator<Fault> {
  const known = [...costs, ...(keyword === 'Feature' ? systemNames.map(name => `@${name}`) : [])]
  for (const { name, location } of tags) {
    if (requirementOf([name]) === undefined ? !known.includes(name) : keyword !== 'Rule') {
      yield [location.line, `the tag ${name} means nothing on a ${keyword}`]
    }
  }
}

function* faultsOfDisruption({ location }: Scenario, tags: readonly string[]): Generator<Fault> {
  const may = isDisruptive(tags) ? systemsOf(tags).map(disruptionTag) : []
  const idle = systemNames.map(disruptionTag).filter(tag => tags.includes(tag) && !may.includes(tag))
  for (const tag of idle)
    yield [location.line, `${tag} means nothing where the scenario is not @disruptive, and about that system`]
}

function rulesOf(feature: Feature): Rule[] {
  return feature.children.flatMap(({ rule }) => rule ?? [])
}

function requirementsOf(tags: readonly Tag[]): string[] {
  return tags.flatMap(({ name }) => requirementOf([name]) ?? [])
}
