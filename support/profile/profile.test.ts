import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { UsageError } from '../errors.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { loadProfile } from './profile.ts'

const folder = mkdtempSync(join(tmpdir(), 'profile-'))
after(() => rmSync(folder, { recursive: true }))
const registry = loadRegistry()

function fileOf(text: string): string {
  const file = join(folder, 'own.yaml')
  writeFileSync(file, text)
  return file
}

function faultsOf(name: string): string {
  try {
    loadProfile(name, registry)
    return ''
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error))
    return [error.message, ...error.faults].join('\n')
  }
}

test('a document is a profile of all that it promises', () => {
  const { name, requirements } = loadProfile('suite', registry)
  assert.equal(name, 'suite')
  assert.deepEqual(new Set(requirements.map(({ document }) => document.id)), new Set(['suite']))
})

test('a profile of one`s own holds what it lists, and all of its documents and systems', () => {
  const file = fileOf('name: mine\nrequirements: [tempo-mimir.006.3]\ndocuments: [suite]\nsystems: [loki]\n')
  const { name, requirements } = loadProfile(file, registry)
  assert.equal(name, 'mine')
  const own = registry.requirements.filter(
    ({ id, document, systems }) => id === 'tempo-mimir.006.3' || document.id === 'suite' || systems.includes('loki'),
  )
  assert.deepEqual(requirements, own)
})

test('what there is not is named with its line and what is like it, all at once', () => {
  const faults = faultsOf(fileOf('name: mine\nrequirements:\n  - tempo-mimir.006.33\nsystems: [temo]\n'))
  assert.match(
    faults,
    /own\.yaml:3: requirements\.0: there is no tempo-mimir\.006\.33; did you mean tempo-mimir\.006\.3\?/,
  )
  assert.match(faults, /own\.yaml:4: systems\.0: there is no temo; did you mean tempo\?/)
})

test('a profile of nothing, one with an unknown key, and one that there is not', () => {
  assert.match(faultsOf(fileOf('name: mine\n')), /names no requirement, no document and no system/)
  assert.match(
    faultsOf(fileOf('name: mine\nsystem: [tempo]\n')),
    /own\.yaml:2: system: unknown key; did you mean "systems"\?/,
  )
  assert.match(faultsOf('tempo-mimr'), /neither such a document nor such a file.*did you mean tempo-mimir\?/)
})
