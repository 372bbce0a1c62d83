import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayOverlap, requirementOf, systemsOf } from './tags.ts'

test('the tag with a dot names the requirement', () => {
  assert.equal(requirementOf(['@tempo', '@tempo-mimir.005.2', '@slow']), 'tempo-mimir.005.2')
  assert.equal(requirementOf(['@tempo', '@slow']), undefined)
})

test('systems are known by their tags', () => {
  assert.deepEqual(systemsOf(['@slow', '@tempo']), ['tempo'])
  assert.deepEqual(systemsOf(['@slow']), [])
})

test('scenarios of one system overlap unless one of them disrupts it', () => {
  assert.ok(mayOverlap(['@tempo'], [['@tempo'], ['@tempo']]))
  assert.ok(!mayOverlap(['@tempo', '@disruptive'], [['@tempo']]))
  assert.ok(!mayOverlap(['@tempo'], [['@tempo', '@disruptive']]))
  assert.ok(mayOverlap(['@tempo', '@disruptive'], []))
})

test('a scenario about two systems that disrupts one of them overlaps with those about the other', () => {
  const restartsPrometheus = ['@prometheus', '@mimir', '@disruptive', '@disrupts-prometheus']
  assert.ok(mayOverlap(restartsPrometheus, [['@mimir']]))
  assert.ok(mayOverlap(['@mimir'], [restartsPrometheus]))
  assert.ok(!mayOverlap(restartsPrometheus, [['@prometheus', '@mimir']]))
  // It needs the other as it is.
  assert.ok(!mayOverlap(restartsPrometheus, [['@mimir', '@disruptive']]))
  assert.ok(!mayOverlap(['@mimir', '@disruptive'], [restartsPrometheus]))
})
