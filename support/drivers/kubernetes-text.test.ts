import assert from 'node:assert/strict'
import test from 'node:test'
import { memoryOf, quantityOf, selectorOf } from './kubernetes-text.ts'

test('quantities are numbers, in units of ten and of two', () => {
  const quantities: [string, number][] = [
    ['1Gi', 2 ** 30],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['1536Mi', 1.5 * 2 ** 30],
    ['250m', 0.25],
    ['2', 2],
    ['1e3', 1_000],
    ['12k', 12_000],
    ['129M', 129_000_000],
    ['1E', 1e18],
    ['100n', 100e-9],
  ]
  for (const [text, value] of quantities)
    assert.ok(Math.abs((quantityOf(text) ?? Number.NaN) - value) <= value * 1e-12, text)
  for (const text of [undefined, '', 'Gi', '1GiB', '1 Gi', 'many']) assert.equal(quantityOf(text), undefined)
})

test('a selector is written as the API takes it', () => {
  assert.equal(selectorOf(undefined), '')
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['a', 'b'] },
    { key: 'old', operator: 'NotIn', values: ['yes'] },
    { key: 'there', operator: 'Exists' },
    { key: 'gone', operator: 'DoesNotExist' },
  ]
  const selector = { matchLabels: { app: 'tempo' }, matchExpressions }
  assert.equal(selectorOf(selector), 'app=tempo,tier in (a,b),old notin (yes),there,!gone')
})

test('the memory of the pod that uses most is the sum of its containers', () => {
  const pod = (...memory: string[]) => ({ containers: memory.map(each => ({ usage: { memory: each } })) })
  assert.equal(memoryOf({ items: [pod('10Mi', '6Mi'), pod('12Mi')] }), 16 * 2 ** 20)
  assert.equal(memoryOf({ items: [] }), undefined)
  assert.equal(memoryOf(undefined), undefined)
})
