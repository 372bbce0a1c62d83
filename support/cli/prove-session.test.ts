import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Fault } from '../faults/fault.ts'
import { genericSchema } from '../faults/generic.ts'
import { ruleSchema } from '../faults/rule.ts'
import { faultLike } from '../faults/testing/fault.ts'
import type { SeenRequirement, SeenRun } from '../proofs/judge.ts'
import { planInjections } from '../proofs/plan.ts'
import { readProofs } from '../proofs/proofs-file.ts'
import type { ScenarioText } from '../proofs/scenario-texts.ts'
import type { Registry } from '../requirements/registry.ts'
import type { ProveOrder } from './prove-order.ts'
import type { Bench } from './prove-phases.ts'
import { prove } from './prove-session.ts'

const folder = mkdtempSync(join(tmpdir(), 'prove-session-'))
after(() => rmSync(folder, { recursive: true }))

type Lab = Bench['labs'][number]
type Order = Parameters<Lab['run']>[0]

const rules = [ruleSchema.parse({ at: 'tempo.http', do: { status: 500 } })]
const refuting = faultLike({ id: 'loses-a-span', rules, refutes: { 'a.b.1': 'missing' }, leaves: ['a.b.2'] })

function seen(
  id: string,
  verdict: SeenRequirement['verdict'],
  last = '3 of 4 spans; missing child-2',
): SeenRequirement {
  const scenario = { name: 'It is', fault: 'product', within: 'Then', message: 'not true', first: null } as const
  return { id, verdict, accepted: false, scenarios: [{ ...scenario, verdict, last }] }
}

/** What happens on a lab, and what is to be seen there; without more everything is as it should be. */
interface Play {
  /** The verdict without a fault: by requirement and by the number of the run in which it is asked for. */
  readonly without?: (id: string, turn: number) => SeenRequirement['verdict']
  /** Why no run without a fault says anything. */
  readonly failure?: string
  readonly under?: (fault: Fault, id: string) => SeenRequirement['verdict']
  readonly strikes?: (fault: Fault) => number[]
  readonly onFault?: (fault: Fault) => void
}

interface Played {
  readonly code: number | undefined
  readonly error: unknown
  readonly printed: string
  /** What ran, in order: `calm a.b.1 a.b.2 at 1000` or the id of a fault. */
  readonly runs: string[]
  readonly proofs: ReturnType<typeof readProofs>
}

let count = 0

async function play(given: Play, more: Partial<ProveOrder> = {}, faults: Fault[] = [refuting]): Promise<Played> {
  count += 1
  const own = join(folder, String(count))
  const runs: string[] = []
  let printed = ''
  const turns = new Map<string, number>()
  const key = (id: string) => `${id} | It is | Then it is`
  const allowed = ({ lengths }: Order, id: string) => lengths?.[key(id)] ?? 'will'
  const lab = {
    versions: { tempo: '2.7.2' },
    renew: async () => void runs.push('a fresh lab'),
    restartServers: async () => void runs.push('servers restarted'),
    run: async (order: Order) => {
      runs.push(order.requirements.map(id => `${id} at ${allowed(order, id)}`).join(', '))
      const requirements = order.requirements.map(id => {
        const turn = (turns.get(id) ?? 0) + 1
        turns.set(id, turn)
        const wait = {
          key: key(id),
          kind: 'deadline',
          originalMs: 5_000,
          tookMs: 14,
          request: 'GET http://t/api/traces/1',
        }
        if (order.waitsFile !== undefined) appendFileSync(order.waitsFile, `${JSON.stringify(wait)}\n`)
        return seen(id, given.without?.(id, turn) ?? 'satisfied')
      })
      const { failure } = given
      return { runId: 'x', requirements, tookMs: 1, ...(failure !== undefined && { failure }) }
    },
    runUnder: async (fault: Fault, order: Order): Promise<SeenRun> => {
      runs.push(`${fault.id}: ${order.requirements.map(id => `${id} at ${allowed(order, id)}`).join(', ')}`)
      given.onFault?.(fault)
      const verdictOf = (id: string) => given.under?.(fault, id) ?? (id in fault.refutes ? 'violated' : 'satisfied')
      const strikes = given.strikes?.(fault) ?? fault.rules.map(() => 1)
      return { requirements: order.requirements.map(id => seen(id, verdictOf(id))), strikes, tookMs: 1 }
    },
  }
  const say = (line: string) => {
    printed += `${line}\n`
  }
  const progress = { print: say, tell: say, begin() {}, end() {}, head: '', [Symbol.dispose]() {} }
  const scenarios: ScenarioText[] = ['a.b.1', 'a.b.2'].map(requirement => ({
    name: 'It is',
    requirement,
    steps: ['it is'],
    disruptive: false,
    slow: false,
  }))
  const bench = { labs: [lab], scenarios, folder: mkdtempSync(join(folder, 'waits-')), progress } as unknown as Bench
  const requirements = more.requirements ?? ['a.b.1']
  const order: ProveOrder = {
    requirements,
    possible: new Set(scenarios.map(({ requirement }) => requirement)),
    named: planInjections(faults, { requirements: new Set(requirements), faults: undefined }),
    askedFaults: undefined,
    generic: [],
    unprovable: [],
    catalogue: { generic: [], faults },
    registry: { byId: new Map() } as unknown as Registry,
    scenarios,
    quick: false,
    reports: own,
    ...more,
  }
  let code: number | undefined
  let error: unknown
  try {
    code = await prove(bench, order)
  } catch (thrown) {
    error = thrown
  }
  return { code, error, printed, runs, proofs: readProofs(own) }
}

test('scenarios are measured, controlled with short deadlines, broken, and controlled again', async () => {
  const { code, runs, printed, proofs } = await play({})
  assert.equal(code, 0)
  assert.deepEqual(runs, [
    'a.b.1 at will, a.b.2 at will',
    'a.b.1 at 1000, a.b.2 at 1000',
    'loses-a-span: a.b.1 at 1000, a.b.2 at 5000',
    'servers restarted',
    'a.b.1 at 1000, a.b.2 at 1000',
  ])
  assert.match(printed, /^noticed +loses-a-span +a\.b\.1 +3 of 4 spans; missing child-2$/m)
  assert.match(printed, /detection rate 100 % \(1 of 1 faults noticed\), false alarms 0 of 1/)
  assert.deepEqual(
    proofs?.requirements.map(({ id, state, control }) => [id, state, control]),
    [['a.b.1', 'proven', 'green']],
  )
})

test('a fault that is not noticed ends with 1', async () => {
  const { code, printed, proofs } = await play({ under: () => 'satisfied' })
  assert.equal(code, 1)
  assert.match(printed, /^contradicted: .*\n {2}loses-a-span {2}a\.b\.1 {2}satisfied/m)
  assert.equal(proofs?.requirements[0]?.state, 'contradicted')
})

test('a false alarm ends with 1: under a fault, and in the control of a lab at the end', async () => {
  const under = await play({ under: () => 'violated' })
  assert.equal(under.code, 1)
  assert.match(under.printed, /^false alarm +loses-a-span +a\.b\.2/m)
  const atTheEnd = await play({ without: (id, turn) => (id === 'a.b.1' && turn >= 3 ? 'violated' : 'satisfied') })
  assert.equal(atTheEnd.code, 1)
  assert.match(atTheEnd.printed, /^false alarm +last control +a\.b\.1/m)
  assert.equal(atTheEnd.proofs?.requirements[0]?.state, 'unproven')
})

test('what is not as it should be is looked at once more, alone on a fresh lab, and is then what it is', async () => {
  let looks = 0
  const under = (_: Fault, id: string) => {
    if (id !== 'a.b.1') return 'satisfied'
    looks += 1
    return looks === 1 ? 'satisfied' : 'violated'
  }
  const { code, runs, printed } = await play({ under })
  assert.equal(code, 0)
  assert.deepEqual(
    runs.slice(2).map(run => run.split(':')[0]),
    ['loses-a-span', 'a fresh lab', 'loses-a-span', 'servers restarted', 'a.b.1 at 1000, a.b.2 at 1000'],
  )
  assert.match(printed, /^noticed +loses-a-span +a\.b\.1/m)
  assert.match(printed, /1 fault was decided at a second look, alone/)
})

test('a fault that struck nothing ends with 3', async () => {
  const { code, printed } = await play({ strikes: () => [0] })
  assert.equal(code, 3)
  assert.match(printed, /^not injected +loses-a-span +a\.b\.1 +the fault is defective: rule 1/m)
})

test('what is red without a fault is not broken, and ends with 3', async () => {
  const { code, runs, proofs, printed } = await play({ without: id => (id === 'a.b.1' ? 'violated' : 'satisfied') })
  assert.equal(code, 3)
  assert.deepEqual(runs.slice(0, 2), ['a.b.1 at will, a.b.2 at will', 'a.b.2 at 1000'])
  assert.equal(
    runs.some(run => run.startsWith('loses-a-span')),
    false,
  )
  assert.match(printed, /^ {2}violated: 3 of 4 spans; missing child-2: a\.b\.1$/m)
  assert.deepEqual([proofs?.requirements[0]?.state, proofs?.requirements[0]?.control], ['unproven', 'red'])
})

test('a run without a fault that comes to nothing leaves nothing to be broken', async () => {
  const { code, runs, proofs } = await play({ failure: 'the run was ended after 1200 s' })
  assert.deepEqual([code, runs.length], [3, 1])
  assert.equal(proofs?.requirements[0]?.cause, 'the run was ended after 1200 s')
})

test('what is red in the control only is measured and controlled once more', async () => {
  const lucky = await play({ without: (id, turn) => (id === 'a.b.1' && turn === 2 ? 'violated' : 'satisfied') })
  assert.equal(lucky.code, 0)
  assert.deepEqual(lucky.runs.slice(1, 4), ['a.b.1 at 1000, a.b.2 at 1000', 'a.b.1 at will', 'a.b.1 at 1000'])
  const always = await play({ without: (id, turn) => (id === 'a.b.1' && turn % 2 === 0 ? 'violated' : 'satisfied') })
  assert.equal(always.code, 1)
  assert.match(always.printed, /^false alarm +control +a\.b\.1/m)
})

test('faults that follow from what was measured are brought about too, each with deadlines of its own', async () => {
  const generic = genericSchema.parse({
    kind: 'query',
    asks: '/api/traces/',
    never: { breaks: 'Nothing is found.', rules: [{ at: 'tempo.http', do: { status: 404 } }], shows: 'missing' },
    late: { by: 'delay', rules: [{ at: 'tempo.http', do: { delay: '{hold}' } }], shows: 'missing' },
  })
  const { code, runs, printed } = await play({}, { generic: [generic] })
  assert.equal(code, 0)
  assert.deepEqual(runs.slice(2, -2), [
    'loses-a-span: a.b.1 at 1000, a.b.2 at 5000',
    'never/query: a.b.1 at 1000',
    'late/a.b.1/query: a.b.1 at 1000',
    'in-time/a.b.1/query: a.b.1 at 1000',
  ])
  assert.match(printed, /^green +in-time\/a\.b\.1\/query +a\.b\.1$/m)
})

test('what was decided before an interruption is on record', async () => {
  const second = { ...refuting, id: 'loses-all' }
  const onFault = ({ id }: Fault) => {
    if (id === 'loses-all') throw new Error('interrupted')
  }
  const { error, printed, proofs } = await play({ onFault }, {}, [refuting, second])
  assert.match(String(error), /interrupted/)
  assert.match(printed, /^written, as far as it went: .*proofs\.json$/m)
  const [entry] = proofs?.requirements ?? []
  assert.deepEqual(
    [entry?.state, entry?.known, entry?.faults.map(({ fault }) => fault)],
    ['proven', 2, ['loses-a-span']],
  )
})
