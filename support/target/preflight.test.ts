import assert from 'node:assert/strict'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { after, describe, test } from 'node:test'
import { Secret } from '../secret.ts'
import { checkTarget as checkInParts, describeProblem } from './preflight.ts'
import type { Address, MimirSystem, ObjectStorage, Target, TempoSystem } from './target.ts'
import { makeCertificate } from './testing/certificate.ts'

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return (server.address() as AddressInfo).port
}

const http = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createHttpServer(listener))}`
async function closed(): Promise<string> {
  const server = createTcpServer()
  const port = await listen(server)
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
const address = (url: string, more: Partial<Address> = {}): Address => ({ url: new URL(url), headers: {}, ...more })

const goodTempo: RequestListener = (request, response) => {
  response.end(request.url === '/api/status/buildinfo' ? '{"version":"2.7.2"}' : 'ready')
}

/** With its problems as a person reads them. */
async function checkTarget(...given: Parameters<typeof checkInParts>) {
  const { versions, problems } = await checkInParts(...given)
  return { versions, problems: problems.map(describeProblem) }
}

async function look(
  http: Address,
  more: Partial<TempoSystem> = {},
  s3?: ObjectStorage,
  signal = AbortSignal.timeout(20_000),
) {
  const tempo: TempoSystem = {
    http,
    querier: http,
    otlpGrpc: http,
    otlpHttp: http,
    bucket: 'traces',
    prefix: '',
    tenant: 't',
    otlpGrpcPort: 4317,
    ...more,
  }
  return await checkTarget(target({ tempo }, s3), ['tempo'], signal)
}

function target(systems: Target['systems'], s3?: ObjectStorage): Target {
  return { file: 'f', name: 'n', systems, clusters: [], allow: { disruption: [] }, deviations: [], ...(s3 && { s3 }) }
}

function storage(endpoint: string, ca?: string): ObjectStorage {
  const credentials = { accessKeyId: new Secret('AKIATEST'), secretAccessKey: new Secret('secretsecret') }
  const url = new URL(endpoint)
  return {
    endpoint: url,
    knownAs: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    buckets: {},
    ...(ca && { ca }),
  }
}

test('a sound Tempo and its bucket: the version, and no problem', async () => {
  const s3 = await http((_, response) => response.end('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>'))
  assert.deepEqual(await look(address(await http(goodTempo)), {}, storage(s3)), {
    versions: { tempo: '2.7.2' },
    problems: [],
  })
})

test('a build that tells no version: what the target says, else unknown', async () => {
  const silent = address(
    await http((request, response) => response.writeHead(request.url === '/ready' ? 200 : 404).end()),
  )
  assert.deepEqual((await look(silent, { version: '2.8' })).versions, { tempo: '2.8' })
  assert.deepEqual((await look(silent)).versions, { tempo: 'unknown' })
})

test('not ready: 503 with its text; the path of a gateway is kept', async () => {
  const seen: (string | undefined)[] = []
  const starting = await http((request, response) => {
    seen.push(request.url)
    response.writeHead(503).end('Ingester not ready: waiting\nfor 15s')
  })
  const { problems } = await look(address(`${starting}/tempo`))
  assert.equal(problems.length, 1)
  assert.match(
    problems[0] ?? '',
    /^tempo at http:.*\/tempo\/ready: not ready \(503, Ingester not ready: waiting for 15s\); wait/,
  )
  assert.deepEqual([...new Set(seen)].sort(), ['/tempo/api/status/buildinfo', '/tempo/ready'])
})

test('credentials: sent where given, told where refused, never shown', async () => {
  const guarded = await http((request, response) => {
    const accepted = request.headers.authorization === 'Bearer right-token'
    response.writeHead(accepted ? 200 : 401).end(accepted ? '{}' : `no: ${request.headers.authorization}`)
  })
  assert.deepEqual(
    (await look(address(guarded, { headers: { authorization: new Secret('Bearer right-token') } }))).problems,
    [],
  )
  const { problems } = await look(address(guarded, { headers: { authorization: new Secret('Bearer wrong-token') } }))
  assert.match(
    problems[0] ?? '',
    /tempo at http:.*\/ready: credentials not accepted \(401, no: \[secret\]\); set or correct/,
  )
})

test('every refused port is told at once', async () => {
  const { problems } = await look(address(await closed()), {}, storage(await closed()))
  assert.equal(
    problems.filter(problem => /^tempo at .*: connection refused; nothing listens there/.test(problem)).length,
    3,
  )
  assert.equal(problems.filter(problem => /^object storage at .*: connection refused/.test(problem)).length, 1)
})

test('an unknown host is told as such', async () => {
  const { problems } = await look(address('http://no-such-host.invalid:3200'))
  assert.match(problems[0] ?? '', /DNS/)
})

test('a server that never answers costs three seconds, not more', async () => {
  const port = await listen(
    createTcpServer(socket => {
      socket.on('error', () => undefined)
    }),
  )
  const begun = performance.now()
  const { problems } = await look(address(`http://127.0.0.1:${port}`), {}, storage(`http://127.0.0.1:${port}`))
  assert.ok(performance.now() - begun < 4_500)
  assert.equal(problems.filter(problem => /: no answer within 3 s; /.test(problem)).length, 2)
})

test('a certificate of an unknown authority is told with its reason, and accepted with its caFile', async () => {
  const { certificate, key } = await makeCertificate('127.0.0.1')
  const url = `https://127.0.0.1:${await listen(createHttpsServer({ cert: certificate, key }, goodTempo))}`
  const s3 = `https://127.0.0.1:${await listen(createHttpsServer({ cert: certificate, key }, (_, response) => response.end('<ListBucketResult/>')))}`
  const { problems } = await look(address(url), {}, storage(s3))
  assert.equal(problems.length, 4)
  for (const problem of problems) assert.match(problem, /: TLS: .*self-signed certificate.*; .*caFile/)
  assert.deepEqual((await look(address(url, { ca: certificate }), {}, storage(s3, certificate))).problems, [])
})

for (const [code, status, expected] of [
  ['NoSuchBucket', 404, /there is no bucket traces/],
  ['InvalidAccessKeyId', 403, /storage credentials refused \(InvalidAccessKeyId\)/],
  ['SignatureDoesNotMatch', 403, /storage credentials refused \(SignatureDoesNotMatch\)/],
  ['AccessDenied', 403, /storage credentials refused \(AccessDenied\)/],
  ['SlowDown', 503, /not ready \(503/],
] as const) {
  test(`storage that answers ${code}`, async () => {
    const s3 = await http((_, response) =>
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`),
    )
    const { problems } = await look(address(await http(goodTempo)), {}, storage(s3))
    assert.match(problems[0] ?? '', expected)
    assert.match(problems[0] ?? '', /^object storage at /)
  })
}

test('an object storage that is under test itself is asked for its buckets, whichever there are', async () => {
  const asked: (string | undefined)[] = []
  const endpoint = await http((request, response) => {
    asked.push(request.url?.replace(/\?.*/, ''))
    response.end('<ListAllMyBucketsResult/>')
  })
  const s3 = { ...storage(endpoint), version: 'v1', buckets: { loki: 'chunks' } }
  assert.deepEqual(await checkTarget(target({ s3 }, s3), ['s3'], AbortSignal.timeout(20_000)), {
    versions: { s3: 'v1' },
    problems: [],
  })
  assert.deepEqual(asked, ['/'])
  const refusing = await http((_, response) => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'))
  const refused = storage(refusing)
  const looked = await checkTarget(target({ s3: refused }, refused), ['s3'], AbortSignal.timeout(20_000))
  assert.deepEqual(looked.versions, {})
  assert.equal(looked.problems.length, 1)
  assert.match(looked.problems[0] ?? '', /let them list the buckets/)
})

test('what the target does not have, or nobody asked for, is not looked at', async () => {
  const target: Target = { file: 'f', name: 'n', systems: {}, clusters: [], allow: { disruption: [] }, deviations: [] }
  assert.deepEqual(await checkTarget(target, ['tempo', 's3'], AbortSignal.timeout(1_000)), {
    versions: {},
    problems: [],
  })
})

test('an interrupted look rejects', async () => {
  await assert.rejects(
    look(address(await closed()), {}, undefined, AbortSignal.abort(new Error('interrupted'))),
    /interrupted/,
  )
})

describe('of Mimir', () => {
  const seen: { url: string | undefined; tenant: string | string[] | undefined }[] = []
  const mimir = async (listener: RequestListener, more: Partial<MimirSystem> = {}) => {
    seen.length = 0
    const url = await http((request, response) => {
      seen.push({ url: request.url, tenant: request.headers['x-scope-orgid'] })
      listener(request, response)
    })
    const system: MimirSystem = {
      http: address(url),
      apiPrefix: '/prometheus',
      httpPort: 8080,
      bucket: 'blocks',
      prefix: '',
      multiTenant: true,
      ...more,
    }
    return await checkTarget(target({ mimir: system }), ['mimir'], AbortSignal.timeout(20_000))
  }
  const good: RequestListener = (request, response) => {
    const buildinfo = '{"status":"success","data":{"version":"3.1.2"}}'
    response.end(request.url === '/api/v1/status/buildinfo' ? buildinfo : '{"status":"success"}')
  }

  test('a sound one tells its version, and is asked as a tenant', async () => {
    assert.deepEqual(await mimir(good), { versions: { mimir: '3.1.2' }, problems: [] })
    const query = seen.find(({ url }) => url?.startsWith('/prometheus/api/v1/query?query='))
    assert.equal(query?.tenant, 'acceptance-preflight')
  })

  test('one of a single tenant is asked as nobody, below another prefix', async () => {
    assert.deepEqual((await mimir(good, { multiTenant: false, apiPrefix: '' })).problems, [])
    assert.ok(seen.some(({ url, tenant }) => url?.startsWith('/api/v1/query?query=') && tenant === undefined))
  })

  test('a prefix that is not its own is told with the address', async () => {
    const { problems } = await mimir((request, response) =>
      response.writeHead(request.url?.startsWith('/prometheus') ? 404 : 200).end('{}'),
    )
    assert.match(problems.join('\n'), /^mimir at http:.*\/prometheus\/api\/v1\/query\?query=.*: .*404/)
  })
})
