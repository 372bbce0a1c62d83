import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seriesIn } from './promtool.ts'

test('what promtool prints is series with their samples', () => {
  const text = [
    '{__name__="up", job="node"} 1 1700000000000',
    '{__name__="up", job="node"} 0.30000000000000004 1700000001000',
    '{__name__="odd", "label with spaces"="a \\"quoted\\" \\\\ and \\x00, 東京\\n"} -Inf 1700000000000',
    '{__name__="odd"} NaN 1700000000000',
    '{__name__="odd"} 1.7976931348623157e+308 1700000000001',
    '{__name__="took", job="node"} {count:2, sum:3, (1,2]:2} 1700000000000',
    '',
  ].join('\n')
  assert.deepEqual(seriesIn(text), [
    {
      labels: { __name__: 'up', job: 'node' },
      samples: [
        { timestampMs: 1_700_000_000_000, value: 1 },
        { timestampMs: 1_700_000_001_000, value: 0.1 + 0.2 },
      ],
    },
    {
      labels: { __name__: 'odd', 'label with spaces': 'a "quoted" \\ and \u0000, 東京\n' },
      samples: [{ timestampMs: 1_700_000_000_000, value: Number.NEGATIVE_INFINITY }],
    },
    {
      labels: { __name__: 'odd' },
      samples: [
        { timestampMs: 1_700_000_000_000, value: Number.NaN },
        { timestampMs: 1_700_000_000_001, value: Number.MAX_VALUE },
      ],
    },
  ])
})

test('what is no sample is told with its line', () => {
  assert.throws(() => seriesIn('{__name__="up"} 1'), /promtool printed what is no sample: \{__name__="up"\} 1/)
  assert.throws(() => seriesIn('{up} 1 1700000000000'), /what is no sample/)
})
