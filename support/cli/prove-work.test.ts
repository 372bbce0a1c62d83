import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spread } from './prove-work.ts'

test('each worker does one task after the other, and results come in the order of the tasks', async () => {
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const begun: string[] = []
  const results = spread(['x', 'y'], [0, 1, 2, 3], async (worker, task, number) => {
    begun.push(`${worker}${task}${number}`)
    await gates[task]?.promise
    return task * 10
  })
  assert.deepEqual(begun, ['x00', 'y11'])
  gates[1]?.resolve()
  await new Promise(setImmediate)
  assert.deepEqual(begun, ['x00', 'y11', 'y21'])
  for (const { resolve } of gates) resolve()
  assert.deepEqual(await results, [0, 10, 20, 30])
})

test('after an error no task is begun, and it is thrown when every worker has stopped', async () => {
  const gate = Promise.withResolvers<void>()
  const begun: number[] = []
  let ended = false
  const work = spread(['x', 'y'], [0, 1, 2], async (_, task) => {
    begun.push(task)
    if (task === 0) throw new Error('no')
    await gate.promise
    ended = true
  })
  work.catch(() => undefined)
  await new Promise(setImmediate)
  gate.resolve()
  await assert.rejects(work, /no/)
  assert.deepEqual([begun, ended], [[0, 1], true])
})
