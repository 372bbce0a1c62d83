import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Address } from '../target/target.ts'
import { plainSpan, simpleTrace } from '../traces/simple-trace.ts'
import { type HttpEncoding, sendOverHttp, sendRawOverHttp } from './otlp-http.ts'
import { encodeProtobuf } from './otlp-protobuf.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close().closeAllConnections()
})

/** A receiver that gives one answer to everything, and keeps what it got. */
async function receiver(
  status: number,
  contentType: string,
  body: string | Buffer,
): Promise<{ address: Address; got: Received[] }> {
  const got: Received[] = []
  const server = createServer(async (request, response) => {
    got.push({ headers: request.headers, body: Buffer.concat(await request.toArray()) })
    response.writeHead(status, { 'content-type': contentType }).end(body)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { address: { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), headers: {} }, got }
}

const trace = simpleTrace({ run: 'test', scenario: 'otlp-http' })
const signal = AbortSignal.timeout(20_000)
const whole = { 'HTTP JSON': '{"partialSuccess":{}}', protobuf: Buffer.from([0x0a, 0]) }

test('protobuf, plain and zipped, and JSON go out as they say they are', async () => {
  const { address, got } = await receiver(200, 'application/x-protobuf', whole.protobuf)
  const encoded = Buffer.from(await encodeProtobuf(trace))
  await sendOverHttp(address, trace, 'HTTP protobuf', signal)
  await sendOverHttp(address, trace, 'HTTP protobuf gzip', signal)
  assert.deepEqual(got[0]?.body, encoded)
  assert.equal(got[1]?.headers['content-encoding'], 'gzip')
  assert.deepEqual(gunzipSync(got[1]?.body ?? ''), encoded)
  const json = await receiver(200, 'application/json', whole['HTTP JSON'])
  const { request, elapsedMs } = await sendOverHttp(json.address, trace, 'HTTP JSON', signal)
  assert.equal(json.got[0]?.headers['content-type'], 'application/json')
  const sent = JSON.parse(String(json.got[0]?.body)).resourceSpans[0].scopeSpans[0].spans
  assert.equal(sent.length, trace.spans.length)
  assert.equal(sent[0].startTimeUnixNano, String(trace.spans[0]?.start))
  assert.match(request, /^POST .*\/v1\/traces \(HTTP JSON\)$/)
  assert.ok(elapsedMs > 0)
})

const refusals: readonly [string, number, string, string | Buffer, HttpEncoding, object][] = [
  [
    'a refusal',
    400,
    'text/plain',
    'trace ids must be 128 bit',
    'HTTP JSON',
    { name: 'RequestError', whose: 'product', message: /400 Bad Request, trace ids/ },
  ],
  [
    'a full receiver',
    429,
    'text/plain',
    'slow down',
    'HTTP JSON',
    { name: 'TransientError', message: /429.*slow down/ },
  ],
  [
    'a partial success in JSON',
    200,
    'application/json',
    '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"late"}}',
    'HTTP JSON',
    { name: 'RequestError', whose: 'product', message: /in part, 3 spans rejected: late/ },
  ],
  [
    'a warning in JSON',
    200,
    'application/json',
    '{"partialSuccess":{"errorMessage":"late"}}',
    'HTTP JSON',
    { name: 'RequestError', whose: 'product', message: /late/ },
  ],
  [
    'a partial success in protobuf',
    200,
    'application/x-protobuf',
    Buffer.from([0x0a, 2, 0x08, 1]),
    'HTTP protobuf',
    { name: 'RequestError', whose: 'product', message: /1 spans rejected/ },
  ],
  [
    'a page of some other server',
    200,
    'application/json',
    '<html>',
    'HTTP JSON',
    { name: 'RequestError', whose: 'product', message: /no ExportTraceServiceResponse: <html>/ },
  ],
]
for (const [what, status, type, body, encoding, expected] of refusals) {
  test(`${what} is no acknowledgement`, async () => {
    const { address } = await receiver(status, type, body)
    await assert.rejects(sendOverHttp(address, trace, encoding, signal), expected)
  })
}

test('who is not let in, or asks something else, has seen nothing of the product', async () => {
  const environment = { name: 'RequestError', whose: 'environment' }
  for (const [status, text] of [
    [401, 'no credentials'],
    [403, 'not yours'],
    [404, '404 page not found'],
    [302, ''],
  ] as const) {
    const { address } = await receiver(status, 'text/plain', text)
    await assert.rejects(sendRawOverHttp(address, 'anything', 'application/x-protobuf', signal), environment)
    await assert.rejects(sendOverHttp(address, trace, 'HTTP JSON', signal), environment)
  }
})

test('raw bytes get status and message, from JSON, protobuf and plain text', async () => {
  const text = 'proto: wrong wire type'
  const inProtobuf = Buffer.from([0x08, 3, 0x12, text.length, ...Buffer.from(text)])
  const inJson = JSON.stringify({ code: 3, message: text })
  for (const [type, body] of [
    ['application/x-protobuf', inProtobuf],
    ['application/json', inJson],
    ['text/plain', text],
  ] as const) {
    const { address } = await receiver(400, type, body)
    const answer = await sendRawOverHttp(address, 'anything', type, signal)
    assert.deepEqual([answer.status, answer.message], [400, text])
  }
})

test('a value that the protobuf encoder would change is not sent', async () => {
  const span = { name: 'x', start: 1n, end: 2n, resource: {} }
  const changing = [
    { int: 2n ** 53n + 1n },
    { double: 3 },
    { array: [{ double: -0 }] },
    { map: { n: { int: 2n ** 63n - 1n } } },
  ]
  for (const value of changing) {
    await assert.rejects(
      encodeProtobuf({ traceId: trace.traceId, spans: [plainSpan({ ...span, attributes: { value } })] }),
      RangeError,
    )
  }
  const kept = [
    { int: -(2n ** 63n) },
    { double: 0.5 },
    { double: Number.MAX_VALUE },
    { double: Number.NaN },
    { int: -1n },
  ]
  for (const value of kept)
    await encodeProtobuf({ traceId: trace.traceId, spans: [plainSpan({ ...span, attributes: { value } })] })
})
