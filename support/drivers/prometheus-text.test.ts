import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrometheusText, sumOf } from './prometheus-text.ts'

const page = `# HELP tempo_discarded_spans_total The total number of samples that were discarded.
# TYPE tempo_discarded_spans_total counter
tempo_discarded_spans_total{reason="trace_too_large",tenant="a"} 3
tempo_discarded_spans_total{reason="rate_limited",tenant="a"} 4
tempo_discarded_spans_total{reason="rate_limited",tenant="b"} 0

up 1
go_gc_seconds{quantile="0.5"} 1.5e-05 1700000000000
odd{path="C:\\\\x",text="say \\"hi\\"\\n",brace="a}b,c=d",} +Inf
nothing NaN
`

test('samples with labels, escapes, time stamps and special values', () => {
  const samples = parsePrometheusText(page)
  assert.equal(samples.length, 7)
  assert.deepEqual(samples[0], {
    name: 'tempo_discarded_spans_total',
    labels: { reason: 'trace_too_large', tenant: 'a' },
    value: 3,
  })
  assert.deepEqual(samples[3], { name: 'up', labels: {}, value: 1 })
  assert.equal(samples[4]?.value, 1.5e-5)
  assert.deepEqual(samples[5], {
    name: 'odd',
    labels: { path: 'C:\\x', text: 'say "hi"\n', brace: 'a}b,c=d' },
    value: Number.POSITIVE_INFINITY,
  })
  assert.ok(Number.isNaN(samples[6]?.value))
})

test('a sum by labels; what is absent is not zero', () => {
  const samples = parsePrometheusText(page)
  assert.equal(sumOf(samples, 'tempo_discarded_spans_total'), 7)
  assert.equal(sumOf(samples, 'tempo_discarded_spans_total', { reason: 'rate_limited' }), 4)
  assert.equal(sumOf(samples, 'tempo_discarded_spans_total', { tenant: 'b' }), 0)
  assert.equal(sumOf(samples, 'tempo_discarded_spans_total', { tenant: 'c' }), undefined)
  assert.equal(sumOf(samples, 'tempo_discarded'), undefined)
})

for (const wrong of ['<html>', 'up', 'up one', 'up{a=b} 1', 'up{a="b" 1', 'up{a="b"c="d"} 1']) {
  test(`"${wrong}" is named as wrong`, () => {
    assert.throws(() => parsePrometheusText(`up 1\n${wrong}\n`), /line 2 is no Prometheus sample/)
  })
}
