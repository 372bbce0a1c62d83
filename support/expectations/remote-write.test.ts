import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { queueIsSetTo, writesEverything } from './remote-write.ts'

const to = (url: string, queue: Record<string, string> = {}, relabelActions: string[] = []) => ({
  externalLabels: {},
  remoteWrites: [
    { url: 'http://elsewhere/receive', name: '', queue: { capacity: '1' }, relabelActions: ['drop'] },
    { url, name: 'mimir', queue, relabelActions },
  ],
})
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
  unmet(() => writesEverything({ externalLabels: {}, remoteWrites: [] }), /to no Mimir/)
})

test('rules that change labels leave nothing out; those that choose series do', () => {
  writesEverything(to(push, {}, ['replace', 'labeldrop']))
  for (const action of ['drop', 'dropequal', 'keep', 'keepequal'])
    unmet(() => writesEverything(to(push, {}, ['replace', action])), new RegExp(`leaves series out .*: ${action}$`))
})
