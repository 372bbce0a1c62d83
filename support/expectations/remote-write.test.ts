import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { isCounted, keptForMs, lostOf, queueIsSetTo, writesEverything } from './remote-write.ts'

const to = (url: string, queue: Record<string, string> = {}, relabelActions: string[] = []) => [
  { url: 'http://elsewhere/receive', name: '', queue: { capacity: '1' }, relabelActions: ['drop'] },
  { url, name: 'mimir', queue, relabelActions },
]
const push = 'http://mimir:8080/api/v1/push'
const unmet = (act: () => void, says: RegExp) =>
  assert.throws(act, error => error instanceof Unmet && says.test(error.message))

test('the queue of every remote write to Mimir is compared, durations however they are written', () => {
  queueIsSetTo({ capacity: '10000', batch_send_deadline: '5s' })(
    to(push, { capacity: '10000', batch_send_deadline: '5000ms' }),
  )
  const wanted = queueIsSetTo({ capacity: '10000', max_backoff: '5s' })
  unmet(() => wanted(to(push, { capacity: '2500', max_backoff: '5s' })), /has capacity 2500, expected 10000/)
  unmet(() => wanted(to(push, { capacity: '10000', max_backoff: '50s' })), /has max_backoff 50s, expected 5s/)
  unmet(() => wanted(to(push, { capacity: '10000' })), /has max_backoff not set, expected 5s/)
})

test('a Prometheus that writes to no Mimir has no queue to it', () => {
  unmet(() => queueIsSetTo({ capacity: '1' })(to('http://other/receive')), /to no Mimir/)
  unmet(() => writesEverything([]), /to no Mimir/)
})

test('rules that change labels leave nothing out; those that choose series do', () => {
  writesEverything(to(push, {}, ['replace', 'labeldrop']))
  for (const action of ['drop', 'dropequal', 'keep', 'keepequal'])
    unmet(() => writesEverything(to(push, {}, ['replace', action])), new RegExp(`leaves series out .*: ${action}$`))
})

test('samples are kept for as long as the most patient queue says, and without a limit where none is set', () => {
  assert.equal(keptForMs(to(push, { sample_age_limit: '15s' })), 15_000)
  assert.equal(keptForMs([...to(push, { sample_age_limit: '15s' }), ...to(push, { sample_age_limit: '1m' })]), 60_000)
  assert.equal(keptForMs(to(push)), undefined)
  assert.equal(keptForMs(to(push, { sample_age_limit: '0s' })), undefined)
})

const series = (job: string, ...times: number[]) => ({
  labels: { job },
  samples: times.map(timestampMs => ({ timestampMs, value: 1 })),
})

test('a loss must be counted, each sample of it', () => {
  const loss = { scraped: [series('a', 1, 2, 3), series('b', 1)], arrived: [series('a', 1, 3)] }
  assert.equal(lostOf({ ...loss, counted: 0 }), 2)
  isCounted({ ...loss, counted: 2 })
  isCounted({ ...loss, counted: 50 })
  unmet(() => isCounted({ ...loss, counted: 1 }), /2 samples have not arrived, and 1 are counted/)
  assert.throws(() => isCounted({ scraped: loss.scraped, arrived: loss.scraped, counted: 0 }), RangeError)
})
