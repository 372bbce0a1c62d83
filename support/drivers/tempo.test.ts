import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { wholeTrace } from '../expectations/traces.ts'
import { parseRecordedTraces } from '../traces/recorded-traces.ts'
import { Tempo, withTenant } from './tempo.ts'

const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/payloads/tempo-block/${name}`, import.meta.url)).toString()
/** What Tempo answered for the last of the recorded traces. */
const answered = recorded('answer.json')
const sent = parseRecordedTraces(recorded('sent.ndjson')).at(-1)
const id = sent?.traceId ?? ''

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close().closeAllConnections()
})

const signal = AbortSignal.timeout(20_000)

/** A Tempo that gives one answer to everything, and keeps what it was asked. */
async function tempo(
  status: number,
  body: string,
  tenant = 'single-tenant',
): Promise<{ tempo: Tempo; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    response.writeHead(status).end(body)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), headers: {} }
  return { tempo: new Tempo({ http: address, querier: address, tenant }), asked }
}

test('a trace is read whole from both shapes of the answer', async () => {
  assert.ok(sent)
  const { batches } = JSON.parse(answered)
  for (const body of [answered, JSON.stringify({ trace: { resourceSpans: batches }, metrics: {} })]) {
    const { tempo: one } = await tempo(200, body)
    const { value, request } = await one.traceById(id, signal)
    wholeTrace(sent)(value)
    assert.match(request, new RegExp(`^GET http://127.0.0.1:\\d+/api/traces/${id}$`))
  }
})

test('spans that come twice are there twice', async () => {
  const { batches } = JSON.parse(answered)
  const { tempo: one } = await tempo(200, JSON.stringify({ batches: [...batches, ...batches] }))
  assert.equal((await one.traceById(id, signal)).value?.spans.length, 2 * (sent?.spans.length ?? 0))
})

test('blocks and memory are asked of the querier, with the tenant where there is one', async () => {
  const { tempo: one, asked } = await tempo(404, '{"metrics":{}}', 'shop')
  assert.equal((await one.traceFromBlocks(id, signal)).value, undefined)
  assert.equal((await one.traceFromMemory(id, signal)).value, undefined)
  assert.deepEqual(
    asked.map(({ url }) => url),
    [`/querier/api/traces/${id}?mode=blocks`, `/querier/api/traces/${id}?mode=ingesters`],
  )
  assert.equal(asked[0]?.headers['x-scope-orgid'], 'shop')
  assert.deepEqual(withTenant({ url: new URL('http://a'), headers: {} }, 'single-tenant').headers, {})
})

test('only Tempo’s own 404 is an absence', async () => {
  assert.equal((await (await tempo(404, '')).tempo.traceById(id, signal)).value, undefined)
  for (const other of ['404 page not found\n', '<html><h1>404 Not Found</h1></html>']) {
    const { tempo: one } = await tempo(404, other)
    await assert.rejects(one.traceById(id, signal), {
      name: 'RequestError',
      whose: 'environment',
      message: /not from Tempo's trace interface/,
    })
    await assert.rejects(one.traceByIdResponse(id, signal), { name: 'RequestError', whose: 'environment' })
  }
  const { tempo: failing } = await tempo(500, 'error finding trace by id')
  await assert.rejects(failing.traceById(id, signal), { name: 'TransientError', message: /500.*error finding/ })
})

for (const odd of [
  'not json',
  '{"batches":"none"}',
  '{"batches":[{"scopeSpans":[{"spans":[{"spanId":"AAAAAAAAAAE=","traceId":"AA==","kind":"SPAN_KIND_ODD"}]}]}]}',
  '{"spans":[]}',
]) {
  test(`${odd.slice(0, 20)} is no trace and no absence`, async () => {
    const { tempo: one } = await tempo(200, odd)
    await assert.rejects(one.traceById(id, signal), {
      name: 'RequestError',
      whose: 'product',
      message: /200, but the answer cannot be read/,
    })
  })
}

test('whatever is asked, an answer that cannot be read is the product’s, and a refusal of the suite is not', async () => {
  const questions = [
    (one: Tempo) => one.traceById(id, signal),
    (one: Tempo) => one.traceFromBlocks(id, signal),
    (one: Tempo) => one.search({ query: '{}' }, signal),
    (one: Tempo) => one.configuration(signal),
    (one: Tempo) => one.metrics(signal),
    (one: Tempo) => one.buildInfo(signal),
  ]
  for (const ask of questions) {
    for (const text of ['<html><body>Welcome</body></html>', answered.slice(0, 500)]) {
      await assert.rejects(ask((await tempo(200, text)).tempo), { name: 'RequestError', whose: 'product' })
    }
    await assert.rejects(ask((await tempo(400, 'no')).tempo), { name: 'RequestError', whose: 'product' })
    await assert.rejects(ask((await tempo(403, 'no')).tempo), { name: 'RequestError', whose: 'environment' })
  }
})

test('a defect in reading an answer is no answer that cannot be read', async () => {
  const { tempo: one } = await tempo(200, answered)
  const parse = JSON.parse
  JSON.parse = (text: string) => {
    if (text.includes('"batches"')) throw new TypeError('a defect')
    return parse(text)
  }
  try {
    await assert.rejects(one.traceById(id, signal), TypeError)
  } finally {
    JSON.parse = parse
  }
})

test('a malformed id gets its status and text', async () => {
  const { tempo: one, asked } = await tempo(400, 'trace IDs can only contain hex characters')
  const { value } = await one.traceByIdResponse('what? ever', signal)
  assert.deepEqual(value, { status: 400, text: 'trace IDs can only contain hex characters' })
  assert.equal(asked[0]?.url, '/api/traces/what%3F%20ever')
})

test('a search gives ids of full length', async () => {
  const found = {
    traces: [{ traceID: 'abc', rootServiceName: 'a', rootTraceName: 'b', spanSets: [{ matched: 3 }, { matched: 1 }] }],
    metrics: {},
  }
  const { tempo: one, asked } = await tempo(200, JSON.stringify(found))
  const { value } = await one.search({ query: '{ name = "x" }', start: 1, end: 2, limit: 5 }, signal)
  assert.deepEqual(value, [{ traceId: 'abc'.padStart(32, '0'), rootService: 'a', rootName: 'b', matched: 4 }])
  assert.equal(asked[0]?.url, '/api/search?q=%7B+name+%3D+%22x%22+%7D&start=1&end=2&limit=5')
  assert.deepEqual(
    (await (await tempo(200, '{"traces":[],"metrics":{}}')).tempo.search({ query: '{}' }, signal)).value,
    [],
  )
  await assert.rejects((await tempo(200, '{"results":[]}')).tempo.search({ query: '{}' }, signal), {
    name: 'RequestError',
  })
})

test('not ready is an answer', async () => {
  const { value } = await (await tempo(503, 'Ingester not ready: waiting for 15s after being ready')).tempo.ready(
    signal,
  )
  assert.deepEqual(value, { ready: false, message: 'Ingester not ready: waiting for 15s after being ready' })
  assert.equal((await (await tempo(200, 'ready')).tempo.ready(signal)).value.ready, true)
})
