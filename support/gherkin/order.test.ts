import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDisruptive } from '../tags.ts'
import { loadScenarios, type PlannedScenario } from './features.ts'
import { filesInOrder } from './order.ts'

const scenario = (file: string, ...tags: string[]): PlannedScenario => ({ name: 'some', file, line: 1, tags })

test('what waits longest comes first, what disrupts last', () => {
  const scenarios = [
    scenario('features/tempo/kill.feature', '@tempo', '@disruptive'),
    scenario('features/tempo/query.feature', '@tempo'),
    scenario('features/tempo/storage.feature', '@tempo'),
  ]
  const expected = ['tempo/storage', 'tempo/query', 'tempo/kill']
  assert.deepEqual(
    filesInOrder(scenarios),
    expected.map(name => `features/${name}.feature`),
  )
})

test('a file with one disruptive scenario is as late as that', () => {
  const scenarios = [
    scenario('features/tempo/some.feature', '@tempo'),
    scenario('features/tempo/some.feature', '@tempo', '@disruptive'),
    scenario('features/tempo/query.feature', '@tempo'),
  ]
  assert.deepEqual(filesInOrder(scenarios), ['features/tempo/query.feature', 'features/tempo/some.feature'])
})

test('every feature of the suite has its place, the disruptive ones after all others', () => {
  const scenarios = loadScenarios(join(import.meta.dirname, '../..'))
  const files = filesInOrder(scenarios)
  assert.deepEqual([...files].sort(), [...new Set(scenarios.map(({ file }) => file))].sort())
  const disruptive = files.map(file => scenarios.some(each => each.file === file && isDisruptive(each.tags)))
  assert.deepEqual(
    disruptive,
    [...disruptive].sort((one, other) => Number(one) - Number(other)),
  )
})
