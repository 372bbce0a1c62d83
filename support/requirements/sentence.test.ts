import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationsIn, type Pattern, readSentence } from './sentence.ts'

const sound: [string, Pattern][] = [
  ['Tempo shall answer.', 'ubiquitous'],
  ['The folder `deploy/` shall hold 3 files.', 'ubiquitous'],
  ['When a trace is pushed, Tempo shall answer within 5 seconds.', 'event-driven'],
  ['When it is applied, its pods, with a sidecar in them, shall be ready.', 'event-driven'],
  ['While a pod starts, it shall not answer.', 'state-driven'],
  ['If the storage is away, Tempo shall keep the trace.', 'unwanted behaviour'],
  ['Where TLS is switched on, Tempo shall refuse what is not encrypted.', 'optional feature'],
  ['While the storage is away, when a trace is pushed, Tempo shall acknowledge it.', 'complex'],
]

for (const [says, pattern] of sound) {
  test(`${pattern}: ${says}`, () => assert.deepEqual(readSentence(says), { pattern }))
}

const unsound: [string, RegExp][] = [
  ['Tempo answers.', /holds no "shall"/],
  ['Tempo shall answer', /full stop/],
  ['Tempo shall answer. Then it sleeps.', /more than one sentence/],
  ['When a trace is pushed Tempo shall answer.', /no comma ends the condition that "When" begins/],
  ['When, Tempo shall answer.', /nothing stands between "When" and its comma|no comma/],
  ['When a trace is pushed, shall answer.', /nobody who shall/],
  ['shall answer.', /nobody who shall/],
  ['It shall answer.', /"It" names nobody/],
  ['Tempo shall answer when it is asked.', /its condition \("when \.\.\."\) comes last/],
]

for (const [says, expected] of unsound) {
  test(`no EARS sentence: ${says}`, () => {
    const read = readSentence(says)
    assert.match('fault' in read ? read.fault : '', expected)
  })
}

test('every duration of a sentence is read', () => {
  assert.deepEqual(
    durationsIn('When 10 s are over, it shall answer within 5 minutes or 1.5 h.'),
    [10_000, 300_000, 5_400_000],
  )
})
