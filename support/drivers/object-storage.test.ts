import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { Secret } from '../secret.ts'
import type { ObjectStorage } from '../target/target.ts'
import { Bucket } from './object-storage.ts'
import { StorageAdministration } from './storage-administration.ts'

interface Reply {
  readonly status?: number
  readonly body?: string
}

const servers: Server[] = []
after(() => {
  for (const server of servers) server.close().closeAllConnections()
})

const signal = AbortSignal.timeout(30_000)
const credentials = { accessKeyId: new Secret('the-access-key'), secretAccessKey: new Secret('the-secret-key') }

/** A storage that answers by a function of the request's URL, and keeps what it was asked. */
async function storage(reply: (url: URL) => Reply): Promise<{ target: ObjectStorage; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.range ?? ''} ${request.headers.authorization ?? ''}`)
    const { status = 200, body = '' } = reply(new URL(request.url ?? '', 'http://x'))
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const target = {
    endpoint,
    knownAs: endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    administration: { kind: 'minio', credentials },
    buckets: {},
  } as const
  return { target, asked }
}

const failure = (status: number, code: string, message: string): Reply => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
})

const page = (keys: string[], folders: string[], next?: string): Reply => ({
  body: `<?xml version="1.0"?><ListBucketResult>${keys.map(key => `<Contents><Key>${key}</Key><Size>7</Size><LastModified>2026-11-21T03:00:00Z</LastModified></Contents>`).join('')}${folders.map(folder => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`).join('')}<IsTruncated>${next !== undefined}</IsTruncated>${next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}</ListBucketResult>`,
})

test('a listing goes on to its last page', async () => {
  const { target, asked } = await storage(url =>
    url.searchParams.has('continuation-token') ? page(['a/3'], ['a/y/']) : page(['a/1', 'a/2'], ['a/x/'], 'more'),
  )
  using bucket = new Bucket(target, 'traces')
  const { value, request } = await bucket.list('a/', signal, '/')
  assert.deepEqual(
    value.objects.map(({ key, size }) => [key, size]),
    [
      ['a/1', 7],
      ['a/2', 7],
      ['a/3', 7],
    ],
  )
  assert.deepEqual(value.folders, ['a/x/', 'a/y/'])
  assert.equal(asked.length, 2)
  assert.match(asked[0] ?? '', /^GET \/traces\/?\?.*delimiter=%2F.*prefix=a%2F/)
  assert.match(request, /^LIST http:\/\/127\.0\.0\.1:\d+\/traces\/a\/\*$/)
})

test('an object is fetched whole or in part, and its absence is an answer', async () => {
  const { target, asked } = await storage(url =>
    url.pathname.endsWith('/gone') ? failure(404, 'NoSuchKey', 'gone') : { body: 'content' },
  )
  using bucket = new Bucket(target, 'traces')
  assert.equal((await bucket.get('there', signal)).value?.toString(), 'content')
  assert.equal((await bucket.get('gone', signal)).value, undefined)
  await bucket.get('there', signal, { start: 3, end: 10 })
  assert.match(asked[2] ?? '', /bytes=3-9/)
})

test('lifecycle rules, as new and old configurations write them', async () => {
  const rules = `<LifecycleConfiguration>
    <Rule><ID>thirty</ID><Status>Enabled</Status><Filter><Prefix>single-tenant/</Prefix></Filter><Expiration><Days>30</Days></Expiration></Rule>
    <Rule><ID>old</ID><Status>Disabled</Status><Prefix></Prefix><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration></Rule>
    <Rule><ID>tagged</ID><Status>Enabled</Status><Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Expiration><Days>7</Days></Expiration></Rule>
  </LifecycleConfiguration>`
  const { target } = await storage(() => ({ body: rules }))
  using bucket = new Bucket(target, 'traces')
  assert.deepEqual((await bucket.lifecycleRules(signal)).value, [
    { id: 'thirty', enabled: true, prefix: 'single-tenant/', limited: false, expirationDays: 30 },
    { id: 'old', enabled: false, prefix: '', limited: false, expirationDays: undefined },
    { id: 'tagged', enabled: true, prefix: 'x/', limited: true, expirationDays: 7 },
  ])
  const none = await storage(() => failure(404, 'NoSuchLifecycleConfiguration', 'none'))
  using bare = new Bucket(none.target, 'traces')
  assert.deepEqual((await bare.lifecycleRules(signal)).value, [])
})

test('versioning: enabled, suspended, or never anything', async () => {
  for (const [status, expected] of [
    ['<Status>Enabled</Status>', 'Enabled'],
    ['<Status>Suspended</Status>', 'Suspended'],
    ['', 'never enabled'],
  ]) {
    const { target } = await storage(() => ({ body: `<VersioningConfiguration>${status}</VersioningConfiguration>` }))
    using bucket = new Bucket(target, 'chunks')
    assert.equal((await bucket.versioning(signal)).value, expected)
  }
})

test('of a storage that is under test itself, all is its own word but that it does not let the suite in', async () => {
  for (const [status, code, whose] of [
    [404, 'NoSuchBucket', 'product'],
    [503, 'SlowDown', 'product'],
    [403, 'AccessDenied', 'environment'],
  ] as const) {
    const { target } = await storage(() => failure(status, code, 'none'))
    using bucket = new Bucket(target, 'chunks', 'product')
    await assert.rejects(bucket.versioning(signal), { whose })
  }
})

const failures: readonly [number, string, 'TransientError' | 'RequestError', RegExp][] = [
  [503, 'SlowDown', 'TransientError', /503 SlowDown/],
  [500, 'InternalError', 'TransientError', /500 InternalError/],
  [403, 'AccessDenied', 'RequestError', /bucket traces: allow these credentials/],
  [403, 'InvalidAccessKeyId', 'RequestError', /bucket traces: check the access key/],
  [404, 'NoSuchBucket', 'RequestError', /bucket traces: create it/],
]
for (const [status, code, name, message] of failures) {
  test(`${status} ${code} is a ${name}, asked once`, async () => {
    const { target, asked } = await storage(() => failure(status, code, 'the-secret-key is told'))
    using bucket = new Bucket(target, 'traces')
    await assert.rejects(bucket.list('', signal), (error: unknown) => {
      assert.ok(error instanceof Error)
      assert.equal(error.name, name)
      assert.match(error.message, message)
      assert.match(error.message, /\[secret\] is told/)
      return true
    })
    assert.equal(asked.length, 1)
  })
}

test('what the storage says or does not say is never the word of the system that stores there', async () => {
  for (const reply of [failure(503, 'SlowDown', 'later'), failure(403, 'AccessDenied', 'no'), { body: '<html>' }]) {
    const { target } = await storage(() => reply)
    using bucket = new Bucket(target, 'traces')
    await assert.rejects(bucket.list('', signal), { whose: 'environment' })
  }
  const { target } = await storage(() => ({}))
  const server = servers.at(-1)
  server?.removeAllListeners('request').on('request', (_, response) => {
    response.writeHead(200, { 'content-length': '500' }).write('<ListBucketResult>')
    setImmediate(() => response.destroy())
  })
  using bucket = new Bucket(target, 'traces')
  const cutOff = { name: 'TransientError', whose: 'environment' }
  await assert.rejects(bucket.list('', signal), cutOff)
  await assert.rejects(bucket.get('a', signal), cutOff)
})

test('no answer at all is worth asking again', async () => {
  const { target } = await storage(() => ({}))
  using nobody = new Bucket({ ...target, endpoint: new URL('http://127.0.0.1:1') }, 'traces')
  await assert.rejects(nobody.head(signal), {
    name: 'TransientError',
    whose: 'environment',
    message: /ECONNREFUSED, nothing listens there/,
  })
  const { target: forbidden } = await storage(() => ({ status: 403 }))
  using bucket = new Bucket(forbidden, 'traces')
  await assert.rejects(bucket.head(signal), { name: 'RequestError', message: /HEAD .*403.*wrong, disabled/ })
})

test('a user is switched with a signed request, and its status is read', async () => {
  const { target, asked } = await storage(url => ({
    body: url.pathname.endsWith('user-info') ? '{"status":"disabled"}' : '',
  }))
  const administration = new StorageAdministration(target)
  await administration.setUserStatus('tempo', 'disabled', signal)
  assert.equal((await administration.userStatus('tempo', signal)).value, 'disabled')
  const signature = String.raw`AWS4-HMAC-SHA256 Credential=the-access-key/\d{8}/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}`
  assert.match(
    asked[0] ?? '',
    new RegExp(`^PUT /minio/admin/v3/set-user-status\\?accessKey=tempo&status=disabled +${signature}$`),
  )
  assert.match(asked[1] ?? '', /^GET \/minio\/admin\/v3\/user-info\?accessKey=tempo /)
})

test('without an account of administration, and for users that are unknown, it says so', async () => {
  const { target } = await storage(() => ({ status: 404, body: '{"Code":"XMinioAdminNoSuchUser"}' }))
  const { administration: _, ...plain } = target
  assert.throws(() => new StorageAdministration(plain), { name: 'NotApplicable' })
  await assert.rejects(new StorageAdministration(target).userStatus('tempo', signal), {
    name: 'RequestError',
    message: /NoSuchUser/,
  })
})
