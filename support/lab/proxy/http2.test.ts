import assert from 'node:assert/strict'
import {
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js'
import type { z } from 'zod'
import type { ruleSchema } from '../../faults/rule.ts'
import { freePorts } from '../ports.ts'
import { type LabProxy, startProxy } from './proxy.ts'
import { rulesOf } from './testing/messages.ts'

type WrittenRule = Omit<z.input<typeof ruleSchema>, 'at'>

const exportTraces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const same = (bytes: Buffer) => bytes
const idle: WrittenRule = { when: { path: '^/never' }, do: { reset: true } }
const setAt = async (proxy: LabProxy, ...rules: readonly WrittenRule[]) =>
  await proxy.setRules(rulesOf(...rules.map(rule => ({ ...rule, at: 'tempo.otlp-grpc' as const }))))

describe('a port that speaks gRPC', () => {
  const behind = new Server({ 'grpc.max_receive_message_length': 8_000_000 })
  const reached: Buffer[] = []
  let proxy: LabProxy
  let [direct, port] = [0, 0]

  before(async () => {
    ;[direct = 0, port = 0] = await freePorts(2)
    behind.addService(
      {
        Export: {
          path: exportTraces,
          requestStream: false,
          responseStream: false,
          requestSerialize: same,
          requestDeserialize: same,
          responseSerialize: same,
          responseDeserialize: same,
        },
      },
      {
        Export: (
          call: { request: Buffer; metadata: Metadata; sendMetadata(m: Metadata): void },
          done: (error: object | null, value?: Buffer, trailer?: Metadata) => void,
        ) => {
          reached.push(call.request)
          const [initial, trailing] = [new Metadata(), new Metadata()]
          initial.set('initial', String(call.metadata.get('asked')[0]))
          trailing.set('trailing-bin', Buffer.from([0, 255]))
          if (call.request.toString() === 'bad') {
            done({ code: status.INVALID_ARGUMENT, details: 'größer: 100 % falsch', metadata: trailing })
            return
          }
          call.sendMetadata(initial)
          done(null, call.request, trailing)
        },
      },
    )
    await new Promise<void>((resolve, reject) => {
      behind.bindAsync(`127.0.0.1:${direct}`, ServerCredentials.createInsecure(), error =>
        error === null ? resolve() : reject(error),
      )
    })
    proxy = await startProxy({ ports: [{ name: 'tempo.otlp-grpc', listen: { port }, upstream: { port: direct } }] })
  })
  beforeEach(() => void reached.splice(0))
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    behind.forceShutdown()
  })

  const set = async (...rules: readonly WrittenRule[]) => await setAt(proxy, ...rules)

  for (const [what, message] of [
    ['a message', 'abc'],
    ['an empty message', ''],
    ['a message of 3 MB', 'a'.repeat(3_000_000)],
    ['a message that is refused', 'bad'],
  ] as const) {
    it(`passes on ${what}, with the trailers of its answer`, async () => {
      const itself = await call(direct, message)
      await set()
      assert.deepEqual(await call(port, message), itself)
      await set(idle)
      assert.deepEqual(await call(port, message), itself)
      assert.deepEqual([itself.code, itself.trailers['trailing-bin']], [message === 'bad' ? 3 : 0, ['AP8=']])
    })
  }

  it('answers with a status, or with a message of its own', async () => {
    await set(
      { timing: { times: 1 }, do: { answer: { grpcStatus: 14, grpcMessage: 'böse, 100 %' } } },
      { do: { answer: { grpcStatus: 0, body: 'made up' } } },
    )
    const [refused, made] = [await call(port, 'x'), await call(port, 'x')]
    assert.deepEqual([refused.code, refused.details], [14, 'böse, 100 %'])
    assert.deepEqual([made.code, made.message], [0, 'made up'])
    assert.deepEqual(reached, [])
    assert.deepEqual(await proxy.strikes(), [1, 2])
  })

  it('answers with a status of HTTP', async () => {
    await set({ do: { answer: { status: 503 } } })
    assert.equal((await call(port, 'x')).code, status.UNAVAILABLE)
  })

  it('changes what is sent, and what comes back', async () => {
    // ExportTraceServiceRequest with one ResourceSpans of schema_url "a"; read as an answer it has a partial success.
    const sent = Buffer.from([10, 3, 26, 1, 97])
    await set({ do: { request: [{ set: { 'resourceSpans.0.schemaUrl': 'other' } }] } })
    assert.equal((await call(port, sent)).message, '\n\u0007\u001a\u0005other')
    await set({ do: { response: [{ set: { partialSuccess: { rejectedSpans: '7' } } }] } })
    const { code, message, trailers } = await call(port, sent)
    assert.deepEqual([code, message, trailers['trailing-bin']], [0, '\n\u0002\b\u0007', ['AP8=']])
  })

  it('asks the server twice', async () => {
    await set({ do: { twice: true } })
    assert.equal((await call(port, 'x')).message, 'x')
    assert.equal(reached.length, 2)
  })

  it('holds an answer back, and lets it come slowly', async () => {
    await set({ do: { delay: '150 ms' } }, { do: { throttle: 1_000 } })
    const started = performance.now()
    assert.equal((await call(port, 'a'.repeat(200))).message, 'a'.repeat(200))
    assert.ok(performance.now() - started >= 349)
  })

  for (const [what, action] of [
    ['resets', { reset: true }],
    ['cuts an answer off with', { truncate: 3 }],
    ['cuts an answer off before it begins with', { truncate: 0 }],
  ] as const) {
    it(`${what} the connection`, async () => {
      await set({ do: action })
      const { code, details } = await call(port, 'x')
      assert.equal(code, status.UNAVAILABLE, details)
      assert.deepEqual(await proxy.strikes(), [1])
    })
  }

  it('resets the connection when there is no server', async () => {
    const [nobody = 0, alone = 0] = await freePorts(2)
    await using lonely = await startProxy({
      ports: [{ name: 'tempo.otlp-grpc', listen: { port: alone }, upstream: { port: nobody } }],
    })
    for (const rules of [[], [idle]]) {
      await setAt(lonely, ...rules)
      assert.equal((await call(alone, 'x')).code, status.UNAVAILABLE)
    }
  })
})

describe('a port with rules that speaks HTTP/2', () => {
  let server: Http2Server
  let proxy: LabProxy
  let [direct, port] = [0, 0]
  let serve: (stream: ServerHttp2Stream) => void

  before(async () => {
    ;[direct = 0, port = 0] = await freePorts(2)
    server = createServer().on('stream', stream => {
      stream.on('error', () => undefined)
      serve(stream)
    })
    await new Promise<void>(resolve => server.listen(direct, '127.0.0.1', resolve))
    proxy = await startProxy({ ports: [{ name: 'tempo.otlp-grpc', listen: { port }, upstream: { port: direct } }] })
    await setAt(proxy, idle)
  })
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    server.close()
  })

  const bothAnswer = async (serving: typeof serve, body: Buffer = Buffer.from('x')) => {
    serve = serving
    return [await exchangeFrames(direct, body), await exchangeFrames(port, body)] as const
  }

  it('keeps apart trailers alone, and headers with trailers and nothing between', async () => {
    const [alone, aloneThrough] = await bothAnswer(stream => {
      stream.respond({ ':status': 200, 'grpc-status': '5', 'grpc-message': 'no' }, { endStream: true })
    })
    assert.deepEqual(aloneThrough, alone)
    assert.equal(alone.trailers, undefined)
    const [apart, apartThrough] = await bothAnswer(stream => {
      stream.respond({ ':status': 200, initial: 'i' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '5' }))
      stream.end()
    })
    assert.deepEqual(apartThrough, apart)
    assert.equal(apart.trailers?.['grpc-status'], '5')
  })

  it('passes on an answer that comes before everything was read', async () => {
    const [itself, through] = await bothAnswer(stream => {
      stream.respond({ ':status': 200, 'grpc-status': '8' }, { endStream: true })
      stream.close(constants.NGHTTP2_NO_ERROR)
    }, Buffer.alloc(5_000_000))
    assert.equal(itself.headers?.['grpc-status'], '8')
    assert.deepEqual(through, itself)
  })

  it('breaks off where the server does: the stream, or the connection', async () => {
    const [half, ofGrpc] = [{ ':status': 200 }, { ':status': 200, 'content-type': 'application/grpc' }]
    for (const [headers, breakOff] of [
      [half, (stream: ServerHttp2Stream) => stream.destroy(new Error('broken'))],
      [ofGrpc, (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_NO_ERROR)],
      [ofGrpc, (stream: ServerHttp2Stream) => stream.session?.destroy()],
    ] as const) {
      const [itself, through] = await bothAnswer(stream => {
        stream.respond(headers)
        stream.write('half', () => breakOff(stream))
      })
      assert.equal(itself.trailers, undefined)
      assert.deepEqual(through, { headers: undefined, body: '', trailers: undefined })
    }
    // The server was left, and is found again.
    const [itself, through] = await bothAnswer(stream => stream.respond({ ':status': 204 }, { endStream: true }))
    assert.equal(itself.headers?.[':status'], 204)
    assert.deepEqual(through, itself)
  })
})

interface Called {
  readonly code: number
  readonly details: string
  readonly message: string
  readonly initial: Record<string, unknown>
  readonly trailers: Record<string, unknown>
}

/** Calls once over a connection of its own. */
async function call(port: number, message: string | Buffer): Promise<Called> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': 8_000_000,
  })
  const metadata = new Metadata()
  metadata.set('asked', 'me')
  try {
    return await new Promise(resolve => {
      let initial = new Metadata()
      let outcome: { error: ServiceError | null; value?: Buffer | undefined } | undefined
      const running = client.makeUnaryRequest(
        exportTraces,
        same,
        same,
        Buffer.from(message),
        metadata,
        (error, value) => {
          outcome = { error, value }
        },
      )
      running.on('metadata', received => {
        initial = received
      })
      running.on('status', ({ code, details, metadata: trailers }) => {
        // The library tells the status before it calls back.
        setImmediate(() =>
          resolve({
            code,
            details,
            message: outcome?.value?.toString('latin1') ?? '',
            initial: withoutDate(initial),
            trailers: withoutDate(trailers),
          }),
        )
      })
    })
  } finally {
    client.close()
  }
}

function withoutDate(metadata: Metadata): Record<string, unknown> {
  const { date: _, ...others } = metadata.toJSON()
  return JSON.parse(
    JSON.stringify(others, (_key, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
    ),
  ) as Record<string, unknown>
}

/** What comes back on one stream. */
async function exchangeFrames(port: number, body: Buffer) {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  const stream = session.request({ ':method': 'POST', ':path': exportTraces, te: 'trailers' })
  stream.on('error', () => undefined)
  let [headers, trailers]: (IncomingHttpHeaders | undefined)[] = []
  stream.on('response', received => {
    const { date: _, ...others } = received
    headers = { ...others }
  })
  stream.on('trailers', received => {
    trailers = { ...received }
  })
  const closed = new Promise(resolve => stream.once('close', resolve))
  stream.end(body)
  const received = await buffer(stream).catch(() => Buffer.alloc(0))
  await closed
  session.destroy()
  return { headers, body: received.toString(), trailers }
}
