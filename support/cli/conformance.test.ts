import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../errors.ts'
import { loadScenarios } from '../gherkin/features.ts'
import { loadProfile } from '../profile/profile.ts'
import { project } from '../proofs/scenario-texts.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { commandOf, selectedRequirements } from './conformance.ts'

const registry = loadRegistry()
const scenarios = loadScenarios(project)
const select = (named: string[], profile?: string) =>
  selectedRequirements(named, profile === undefined ? undefined : loadProfile(profile, registry), scenarios, registry)

test('a profile selects what proves its requirements, of other documents too', () => {
  const lgtm = select([], 'lgtm')
  assert.ok(lgtm.includes('tempo-mimir.004.7'), 'lgtm.010.5 is the same as this one')
  assert.ok(lgtm.includes('lgtm.019.2'))
  assert.equal(new Set(lgtm).size, lgtm.length)
})

test('named requirements narrow a profile, and only such as are in it', () => {
  assert.deepEqual(select(['lgtm.010.5'], 'lgtm'), ['tempo-mimir.004.7'])
  assert.throws(() => select(['suite.tempo.1'], 'lgtm'), /not in profile lgtm: suite\.tempo\.1/)
  assert.deepEqual(select(['lgtm.010.5']), ['tempo-mimir.004.7'])
})

test('a profile without any scenario cannot be run', () => {
  assert.throws(() => selectedRequirements([], loadProfile('parseable', registry), [], registry), UsageError)
})

test('the command can be given to a shell as it is', () => {
  assert.equal(
    commandOf(['--profile', 'lgtm', '--tags', "@tempo and not 'x'"]),
    `npm run accept -- --profile lgtm --tags '@tempo and not '\\''x'\\'''`,
  )
})
