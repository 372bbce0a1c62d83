import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { MetricStore } from './metric-store.ts'
import { Prometheus } from './prometheus.ts'

const soon = () => AbortSignal.timeout(5_000)

describe('a store of metrics', () => {
  const asked: string[] = []
  let body = ''
  const server = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''))
    response.end(body)
  })
  let http: { url: URL; headers: Record<string, string> }
  before(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    http = { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), headers: {} }
  })
  after(() => server.close())

  it('answers with the exemplars of a window, each with its labels, value and time', async () => {
    body = JSON.stringify({
      status: 'success',
      data: [
        {
          seriesLabels: { __name__: 'up' },
          exemplars: [{ labels: { trace_id: 'a' }, value: '+Inf', timestamp: 1_600_000_000.123 }],
        },
      ],
    })
    const store = new MetricStore({ write: http, pushPath: '/push', query: http, apiPrefix: '/prometheus' })
    const { value } = await store.exemplars('up{a="b"}', { endMs: 10_000, windowMs: 4_000 }, soon())
    assert.deepEqual(value, [
      {
        labels: { __name__: 'up' },
        exemplars: [{ labels: { trace_id: 'a' }, timestampMs: 1_600_000_000_123, value: Number.POSITIVE_INFINITY }],
      },
    ])
    assert.equal(asked.at(-1), '/prometheus/api/v1/query_exemplars?query=up{a="b"}&start=6.000&end=10.000')
    body = '{"status": "error"}'
    await assert.rejects(store.exemplars('up', { endMs: 0, windowMs: 0 }, soon()), /cannot be read/)
  })

  it('of a Prometheus counts what it wrote, and why it dropped samples', async () => {
    body = [
      'prometheus_remote_storage_samples_total{remote_name="a"} 10',
      'prometheus_remote_storage_samples_total{remote_name="b"} 5',
      'prometheus_remote_storage_samples_dropped_total{reason="too_old",remote_name="a"} 3',
      'prometheus_remote_storage_samples_dropped_total{reason="unintentional_dropped_series",remote_name="a"} 1',
      'prometheus_remote_storage_samples_pending{remote_name="a"} 7',
      '',
    ].join('\n')
    const { value } = await new Prometheus({ http, apiPrefix: '' }).remoteWriteCounts(soon())
    assert.deepEqual(value, { tried: 15, failed: 0, dropped: 4, tooOld: 3, retried: 0, pending: 7 })
  })
})
