import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Registry } from '../requirements/registry.ts'
import type { FaultFile } from './catalogue.ts'
import type { Fault } from './fault.ts'
import type { Generic } from './generic.ts'
import { expand, type Groups } from './groups.ts'
import { isPattern } from './pattern.ts'

export const defectsFolder = join(import.meta.dirname, 'defects')

type Known = Pick<Registry, 'byId' | 'nearest'>
type Problem = readonly [path: readonly (string | number)[], message: string]

/** What is wrong with the faults of a file beyond their form, as pairs of the place in it and what is wrong there. */
export function* faultsOfCatalogue(file: FaultFile, known: Known): Generator<Problem> {
  const { groups, generic, faults } = file
  for (const [name, members] of Object.entries(groups)) {
    if (known.byId.has(name)) yield [['groups', name], 'is the id of a requirement']
    for (const [index, id] of members.entries()) yield* problemOfId(id, ['groups', name, index], known)
  }
  for (const [index, fault] of faults.entries()) {
    if (faults.findIndex(({ id }) => id === fault.id) < index)
      yield [['faults', index, 'id'], `${fault.id} is there twice`]
    for (const [path, message] of faultsOf(fault, groups, known))
      yield [['faults', index, ...path], `${fault.id}: ${message}`]
  }
  for (const [index, entry] of generic.entries()) {
    if (generic.findIndex(({ kind }) => kind === entry.kind) < index)
      yield [['generic', index, 'kind'], `${entry.kind} is there twice`]
    for (const [path, message] of faultsOfGeneric(entry, groups, known))
      yield [['generic', index, ...path], `${entry.kind}: ${message}`]
  }
}

function* faultsOf(fault: Fault, groups: Groups, known: Known): Generator<Problem> {
  const { rules, servers, cluster, target, defect, refutes, undecides, mends, leaves } = fault
  const ofLab = rules.length + Object.keys(servers).length
  if (ofLab + cluster.length + Object.keys(target).length === 0 && defect === undefined)
    yield [['id'], 'breaks nothing: no rules, servers, cluster, target or defect']
  if (ofLab > 0 && cluster.length > 0)
    yield [['cluster'], 'is of another lab than rules and servers; make two faults of them']
  if (defect !== undefined && !existsSync(join(defectsFolder, defect))) {
    yield [['defect'], `there is no file ${defect} in support/faults/defects`]
  }
  const touched = { refutes: Object.keys(refutes), undecides: Object.keys(undecides), mends }
  if (Object.values(touched).every(({ length }) => length === 0) && leaves.length === 0) {
    yield [['id'], 'refutes, undecides, mends and leaves nothing, so nothing can be seen of it']
  }
  for (const [how, ids] of Object.entries(touched)) {
    for (const [index, id] of ids.entries()) yield* problemOfId(id, [how, how === 'mends' ? index : id], known)
  }
  for (const [id, shows] of Object.entries(refutes)) {
    if (!isPattern(shows)) yield [['refutes', id], `${shows} is no regular expression`]
  }
  for (const [id, { shows }] of Object.entries(undecides)) {
    if (!isPattern(shows)) yield [['undecides', id, 'shows'], `${shows} is no regular expression`]
  }
  yield* problemsOfWords(leaves, ['leaves'], groups, known)
  const all = Object.values(touched).flat()
  for (const id of expand(leaves, groups).filter(id => all.includes(id)))
    yield [['leaves'], `both touches and leaves ${id}`]
  for (const id of new Set(all.filter((id, index) => all.indexOf(id) < index)))
    yield [['id'], `touches ${id} in two ways`]
}

function* faultsOfGeneric(entry: Generic, groups: Groups, known: Known): Generator<Problem> {
  const { only, except, leaves, never, late, almost } = entry
  if (never === undefined && late === undefined && almost.length === 0) yield [['kind'], 'makes no fault']
  yield* problemsOfWords(only, ['only'], groups, known)
  yield* problemsOfWords(except, ['except'], groups, known)
  yield* problemsOfWords(leaves, ['leaves'], groups, known)
  yield* problemsOfWords(never?.except ?? [], ['never', 'except'], groups, known)
  yield* problemsOfWords(late?.except ?? [], ['late', 'except'], groups, known)
  for (const [index, each] of almost.entries()) {
    yield* problemsOfWords(each.except, ['almost', index, 'except'], groups, known)
    if (almost.findIndex(({ name }) => name === each.name) < index)
      yield [['almost', index, 'name'], `${each.name} is there twice`]
  }
}

function* problemsOfWords(
  words: readonly string[],
  path: Problem[0],
  groups: Groups,
  known: Known,
): Generator<Problem> {
  for (const [index, word] of words.entries()) {
    if (groups[word] !== undefined) continue
    if (word.includes('.')) yield* problemOfId(word, [...path, index], known)
    else
      yield [[...path, index], `there is no group ${word}; the groups are ${Object.keys(groups).join(', ') || 'none'}`]
  }
}

function* problemOfId(id: string, path: Problem[0], { byId, nearest }: Known): Generator<Problem> {
  const requirement = byId.get(id)
  if (requirement === undefined) {
    yield [path, `there is no requirement ${id}; did you mean ${nearest(id, 3).join(', ')}?`]
  } else if (requirement.sameAs !== undefined) {
    yield [path, `${id} has the scenarios of ${requirement.sameAs}; name that one`]
  } else if (requirement.later !== undefined) {
    yield [path, `${id} has no scenario (later: ${requirement.later})`]
  }
}
