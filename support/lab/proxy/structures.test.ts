import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs'
import { encodeProtobuf } from '../../drivers/otlp-protobuf.ts'
import { compressed, encodeRequest2 } from '../../drivers/remote-write.ts'
import { probeHistograms } from '../../metrics/probe-histograms.ts'
import { probeSeries, withExemplars } from '../../metrics/probe-series.ts'
import { pairwiseTraces } from '../../traces/pairwise-traces.ts'
import { simpleTrace } from '../../traces/simple-trace.ts'
import { applyEdits } from './edits.ts'
import { frame, unframe } from './grpc.ts'
import { exportTraceServiceRequest } from './otlp-messages.ts'
import { type Json, spotsOf, valueAt } from './places.ts'
import { structureOf } from './structures.ts'
import { asked } from './testing/messages.ts'

const { Reader, Type } = protobuf
const mark = { run: 'run', scenario: 'scenario' }
const overGrpc = asked('/opentelemetry.proto.collector.trace.v1.TraceService/Export', {
  port: 'tempo.otlp-grpc',
  method: 'POST',
  headers: { 'content-type': 'application/grpc+proto' },
})
const overHttp = asked('/v1/traces', {
  port: 'tempo.otlp-http',
  method: 'POST',
  headers: { 'content-type': 'application/x-protobuf' },
})
const ofGrpc = structureOf(overGrpc, 'request', overGrpc.headers)
const ofHttp = structureOf(overHttp, 'request', overHttp.headers)

/** All that is said, with what is said by leaving it out: a zero that is one of several possible values is a value. */
function told(message: Buffer): unknown {
  const all = { defaults: true, oneofs: true, longs: String, bytes: String }
  return exportTraceServiceRequest.toObject(exportTraceServiceRequest.decode(message), all)
}

/** What is on the wire and in no message's list of fields, and would be lost. */
function unknownFields(type: protobuf.Type, message: Uint8Array): string[] {
  const reader = Reader.create(message)
  const unknown: string[] = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const field = type.fieldsById[tag >>> 3]?.resolve()
    if (field === undefined) unknown.push(`${type.name}.${tag >>> 3}`)
    if (field?.resolvedType instanceof Type) unknown.push(...unknownFields(field.resolvedType, reader.bytes()))
    else reader.skipType(tag & 7)
  }
  return unknown
}

function at(value: Json, place: string): Json | undefined {
  return spotsOf(value, place).map(valueAt)[0]
}

describe('a push in protobuf', () => {
  it('says the same when it has been put together again, whatever a span can hold', async () => {
    const traces = pairwiseTraces({ ...mark, seed: 1 }).filter(({ encoding }) => encoding !== 'HTTP JSON')
    assert.ok(traces.length > 5)
    for (const { trace } of traces) {
      const body = Buffer.from(await encodeProtobuf(trace))
      assert.deepEqual(unknownFields(exportTraceServiceRequest, body), [])
      assert.deepEqual(told(ofHttp.encode(ofHttp.decode(body))), told(body))
      assert.deepEqual(told(unframe(ofGrpc.encode(ofGrpc.decode(frame(body))))), told(body))
    }
  })

  it('shows ids as base64 and times as exact numbers', async () => {
    const end = 1_700_000_000_123_456_789n
    const trace = simpleTrace({ ...mark, end })
    const value = ofHttp.decode(Buffer.from(await encodeProtobuf(trace)))
    assert.equal(at(value, 'resourceSpans.0.scopeSpans.0.spans.0.endTimeUnixNano'), String(end))
    assert.equal(
      at(value, 'resourceSpans.0.scopeSpans.0.spans.0.traceId'),
      Buffer.from(trace.traceId, 'hex').toString('base64'),
    )
  })

  it('loses a span, and has another time by one nanosecond', async () => {
    const end = 1_700_000_000_123_456_789n
    const body = frame(Buffer.from(await encodeProtobuf(simpleTrace({ ...mark, end }))))
    const { bytes, changed } = applyEdits(
      body,
      [
        { drop: 'resourceSpans.-1.scopeSpans.-1.spans.-1' },
        { add: { 'resourceSpans.0.scopeSpans.0.spans.0.endTimeUnixNano': 1 } },
      ],
      ofGrpc,
    )
    assert.equal(changed, true)
    const value = ofHttp.decode(unframe(bytes))
    assert.equal(at(value, 'resourceSpans.0.scopeSpans.0.spans.2.name'), 'child-2')
    assert.equal(at(value, 'resourceSpans.0.scopeSpans.0.spans.3'), undefined)
    assert.equal(at(value, 'resourceSpans.0.scopeSpans.0.spans.0.endTimeUnixNano'), '1700000000123456790')
  })

  it('that is none, or is compressed, is left as it is', () => {
    for (const body of [Buffer.from('no message'), Buffer.from([1, 0, 0, 0, 1, 0]), Buffer.from([])])
      assert.deepEqual(applyEdits(body, [{ drop: 'resourceSpans.0' }], ofGrpc), { bytes: body, changed: false })
  })

  it('has an answer of another form', () => {
    const answer = frame(Buffer.from('\n\x02\b\x01'))
    const ofAnswer = structureOf(overGrpc, 'response', { 'content-type': 'application/grpc' })
    assert.deepEqual(ofAnswer.decode(answer), { partialSuccess: { rejectedSpans: '1' } })
  })
})

describe('any other body', () => {
  it('is read as JSON, whatever it is called', () => {
    const meta = asked('/bucket/single-tenant/meta.json', { port: 'minio.s3' })
    const structure = structureOf(meta, 'response', { 'content-type': 'application/octet-stream' })
    assert.deepEqual(structure.decode(Buffer.from('{"a":[1]}')), { a: [1] })
    assert.deepEqual(structure.encode({ a: 'ö' }), Buffer.from('{"a":"ö"}'))
    assert.throws(() => structure.decode(Buffer.from('PAR1')))
  })

  it('is so on the port of a message too', () => {
    const structure = structureOf(overHttp, 'request', { 'content-type': 'application/json' })
    assert.deepEqual(structure.decode(Buffer.from('{}')), {})
  })
})

describe('a write of Remote-Write 2.0', () => {
  const write = asked('/api/v1/push', {
    port: 'mimir.http',
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' },
  })
  const structure = structureOf(write, 'request', write.headers)

  it('refers to its texts, of which the first is empty, and says all of its series', async () => {
    const [first] = withExemplars(probeSeries({ ...mark, metric: 'up', samples: 2, lastMs: 5_000 }))
    assert.ok(first !== undefined)
    const histograms = probeHistograms(mark, 'exponential ones with negative and zero buckets', 1)
    const body = Buffer.from(await compressed(encodeRequest2([first, histograms])))
    const read = structure.decode(body) as { symbols: string[]; timeseries: Record<string, Json>[] }
    const { symbols, timeseries } = read
    const [samples = {}, ofHistograms = {}] = timeseries
    assert.equal(symbols[0], '')
    assert.equal(new Set(symbols).size, symbols.length, 'each text stands there once')
    const textsAt = (refs: Json | undefined) => (refs as number[]).map(ref => symbols[ref])
    assert.deepEqual(textsAt(samples.labelsRefs).slice(0, 4), ['__name__', 'up', 'acceptance_run', 'run'])
    assert.deepEqual(samples.samples, [
      { value: first.samples[0]?.value, timestamp: '4000' },
      { value: first.samples[1]?.value, timestamp: '5000' },
    ])
    const [exemplar] = samples.exemplars as { labelsRefs: number[]; value: number; timestamp: string }[]
    assert.deepEqual(
      textsAt(exemplar?.labelsRefs),
      Object.entries(first.exemplars?.[0]?.labels ?? {})
        .sort()
        .flat(),
    )
    assert.deepEqual([exemplar?.value, exemplar?.timestamp], [0.1, '4000'])
    assert.equal((ofHistograms.histograms as unknown[]).length, 1)
  })

  it('is changed in its own form', async () => {
    const series = probeSeries({ ...mark, samples: 2 })
    const body = Buffer.from(await compressed(encodeRequest2(series)))
    const changed = applyEdits(body, [{ drop: 'timeseries.-1.samples.-1' }], structure)
    assert.ok(changed.changed)
    const left = structure.decode(changed.bytes) as { timeseries: { samples: unknown[] }[] }
    assert.equal(left.timeseries[0]?.samples.length, 1)
  })
})
