import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AwaitedFact, generateFaults } from './generate.ts'
import { type Generic, genericSchema } from './generic.ts'

const query: Generic = genericSchema.parse({
  kind: 'trace-by-id',
  asks: '^GET \\S+/api/traces/',
  except: ['a.b.3'],
  leaves: ['a.b.9', 'a.b.1'],
  never: {
    breaks: 'No trace is found.',
    rules: [{ at: 'tempo.http', do: { answer: { status: 404 } } }],
    shows: 'no such trace',
  },
  late: { by: 'delay', rules: [{ at: 'tempo.http', do: { delay: '{hold}' } }], shows: 'no answer', except: ['a.b.4'] },
  almost: [
    {
      name: 'one-less',
      breaks: 'A span is missing.',
      rules: [{ at: 'tempo.http', do: { response: [{ drop: 'batches.0' }] } }],
      shows: 'missing',
      except: ['a.b.2'],
    },
  ],
})

function fact(requirement: string, given: Partial<AwaitedFact> = {}): AwaitedFact {
  const scenario = given.scenario ?? 'It answers'
  return {
    key: `${requirement} | ${scenario} | Then it answers`,
    requirement,
    scenario,
    kind: 'deadline',
    originalMs: 5_000,
    longestMs: 14,
    requests: ['GET http://127.0.0.1:1/api/traces/5'],
    ...given,
  }
}

const byId = (facts: AwaitedFact[], generic = [query]) =>
  new Map(generateFaults(generic, facts).faults.map(fault => [fault.id, fault]))

test('one "never" and one "almost" for a kind, refuting all that asked, but for what is excepted', () => {
  const made = byId([
    fact('a.b.1', { kind: 'patience' }),
    fact('a.b.2', { kind: 'patience' }),
    fact('a.b.3', { kind: 'patience' }),
  ])
  assert.deepEqual([...made.keys()], ['never/trace-by-id', 'almost/trace-by-id/one-less'])
  assert.deepEqual(made.get('never/trace-by-id')?.refutes, { 'a.b.1': 'no such trace', 'a.b.2': 'no such trace' })
  assert.deepEqual(made.get('almost/trace-by-id/one-less')?.refutes, { 'a.b.1': 'missing' })
})

test('an entry may be about some requirements only', () => {
  const facts = [fact('a.b.1'), fact('a.b.3'), fact('a.b.9')]
  const entry = { ...query, only: ['a.b.9', 'a.b.3'], except: [] }
  assert.deepEqual(byId(facts, [entry]).get('never/trace-by-id')?.refutes, {
    'a.b.3': 'no such trace',
    'a.b.9': 'no such trace',
  })
  assert.match(generateFaults([entry], facts).missing.join(), /no generic fault for a\.b\.1 \|.*no kind fits/)
})

test('what it refutes it does not leave', () => {
  const made = byId([fact('a.b.1'), fact('a.b.2')])
  assert.deepEqual(made.get('never/trace-by-id')?.leaves, ['a.b.9'])
  assert.deepEqual(byId([fact('a.b.2')]).get('never/trace-by-id')?.leaves, ['a.b.9', 'a.b.1'])
})

test('for a deadline one that is a little late, in each of its scenarios, and one that is just in time', () => {
  const rows = [fact('a.b.1', { scenario: 'one' }), fact('a.b.1', { scenario: 'two', longestMs: 20 })]
  const made = byId(rows)
  const late = made.get('late/a.b.1/trace-by-id')
  assert.deepEqual(late?.rules[0]?.do, { delay: 1_100 })
  assert.deepEqual(late?.refutes, { 'a.b.1': 'no answer' })
  assert.deepEqual(late?.scenarios, ['one', 'two'])
  assert.equal(late?.slackMs, 11_000)
  assert.deepEqual(late?.lengths, { [rows[0]?.key ?? '']: 1_000, [rows[1]?.key ?? '']: 1_000 })
  const inTime = made.get('in-time/a.b.1/trace-by-id')
  assert.deepEqual(inTime?.rules[0]?.do, { delay: 850 })
  assert.deepEqual([inTime?.refutes, inTime?.leaves, inTime?.lengths], [{}, ['a.b.1'], late?.lengths])
})

test('an answer that takes long by itself gets a deadline in which it can be held back', () => {
  const made = byId([fact('a.b.1', { longestMs: 200 })])
  assert.deepEqual(Object.values(made.get('late/a.b.1/trace-by-id')?.lengths ?? {}), [3_333])
  assert.deepEqual(made.get('in-time/a.b.1/trace-by-id')?.rules[0]?.do, { delay: 2_833 })
})

test('a deadline never grows beyond the one that is promised, and no answer is held back for longer than one ask lasts', () => {
  const tight = byId([fact('a.b.1', { longestMs: 200, originalMs: 1_000 })])
  assert.deepEqual(tight.get('late/a.b.1/trace-by-id')?.rules[0]?.do, { delay: 1_100 })
  assert.deepEqual(tight.get('in-time/a.b.1/trace-by-id')?.rules[0]?.do, { delay: 500 })
  const long = byId([fact('a.b.1', { longestMs: 20_000, originalMs: 600_000 })])
  assert.deepEqual(long.get('in-time/a.b.1/trace-by-id')?.rules[0]?.do, { delay: 9_000 })
})

test('an answer that is made to tell of nothing for a while needs no room for itself', () => {
  const absent = genericSchema.parse({
    kind: 'blocks',
    asks: 'blocks',
    late: {
      by: 'absent',
      rules: [{ at: 'minio.s3', timing: { for: '{hold}' }, do: { answer: { status: 404 } } }],
      shows: 'x',
    },
  })
  const made = byId([fact('a.b.1', { longestMs: 4_000, originalMs: 600_000, requests: ['LIST blocks'] })], [absent])
  assert.equal(made.get('late/a.b.1/blocks')?.rules[0]?.timing.for, 12_650)
  assert.equal(made.get('in-time/a.b.1/blocks')?.rules[0]?.timing.for, 10_200)
})

test('what there is no fault for is told', () => {
  const { missing } = generateFaults(
    [query],
    [
      fact('a.b.1'),
      fact('a.b.4'),
      fact('a.b.5', { requests: ['GET http://127.0.0.1:1/ready'] }),
      fact('a.b.6', { kind: 'patience', requests: [] }),
      fact('a.b.8', { kind: 'patience' }),
      fact('a.b.7', { longestMs: 480, originalMs: 1_000 }),
    ],
  )
  assert.deepEqual(missing, [
    'no generic fault for the deadline of a.b.4 | It answers | Then it answers; it asks GET http://127.0.0.1:1/api/traces/5',
    'no generic fault for a.b.5 | It answers | Then it answers: no kind fits; it asks GET http://127.0.0.1:1/ready',
    'no generic fault for a.b.6 | It answers | Then it answers: no kind fits; it tells of no request',
    'nothing comes just in time for a.b.7 | It answers | Then it answers: the answer takes too long by itself',
  ])
})

test('what may be asked for ahead of its wait comes too late by that much more, and just in time as before', () => {
  const entryOf = (ahead: string) =>
    genericSchema.parse({ ...query, late: { ...query.late, by: 'absent', slack: '0 s', ahead, except: [] } })
  const heldBy = (id: string, ahead: string) => {
    const made = byId([fact('a.b.1', { originalMs: 10_000, longestMs: 10 })], [entryOf(ahead)]).get(id)
    return Number(/comes after (\d+) ms/.exec(made?.breaks ?? '')?.[1])
  }
  const [late, inTime] = ['late/a.b.1/trace-by-id', 'in-time/a.b.1/trace-by-id']
  assert.equal(heldBy(late, '20 s') - heldBy(late, '0 s'), 20_000)
  assert.equal(heldBy(inTime, '20 s'), heldBy(inTime, '0 s'))
})
