import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { after, test } from 'node:test'
import { RequestError, TransientError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { Address } from '../target/target.ts'
import { request } from './http.ts'

const servers: { close(): void; closeAllConnections?(): void }[] = []
after(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections?.()
  }
})

const signal = AbortSignal.timeout(20_000)

function listen(server: Server): Promise<number> {
  servers.push(server)
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

async function serve(listener: RequestListener, path = ''): Promise<Address> {
  return { url: new URL(`http://127.0.0.1:${await listen(createServer(listener))}${path}`), headers: {} }
}

test('an answer has status, headers, body and the request that a reader can repeat', async () => {
  const address = await serve(
    (incoming, response) => response.setHeader('x-seen', String(incoming.url)).end('fine'),
    '/base/',
  )
  const answer = await request(address, { path: '/a', query: { q: '{ x }', limit: 3, none: undefined }, signal })
  assert.equal(answer.status, 200)
  assert.equal(answer.body.toString(), 'fine')
  assert.equal(answer.headers['x-seen'], '/base/a?q=%7B+x+%7D&limit=3')
  assert.equal(answer.request, `GET ${new URL('/base/a?q=%7B+x+%7D&limit=3', address.url).href}`)
})

test('a status is an answer only where the question allows it', async () => {
  const address = await serve((_, response) => response.writeHead(404).end('no such trace'))
  assert.equal((await request(address, { path: '/', signal, allowed: [404] })).status, 404)
  await assert.rejects(request(address, { path: '/', signal }), (error: unknown) => {
    assert.ok(error instanceof RequestError)
    assert.match(error.message, /^GET http:\/\/127\.0\.0\.1:\d+\/: 404 Not Found, no such trace$/)
    return true
  })
})

for (const status of [429, 500, 503]) {
  test(`${status} is worth asking again`, async () => {
    const address = await serve((_, response) => response.writeHead(status).end('later'))
    await assert.rejects(request(address, { path: '/', signal }), TransientError)
  })
}

test('a refused connection, a reset and an unknown host are worth asking again, and say what happened', async () => {
  const refused: Address = { url: new URL('http://127.0.0.1:1'), headers: {} }
  await assert.rejects(request(refused, { path: '/x', signal }), {
    name: 'TransientError',
    message: 'GET http://127.0.0.1:1/x: ECONNREFUSED, nothing listens there',
  })
  const reset = await serve(incoming => incoming.socket.destroy())
  await assert.rejects(request(reset, { path: '/', signal }), TransientError)
  const unknown: Address = { url: new URL('http://nowhere.invalid'), headers: {} }
  await assert.rejects(request(unknown, { path: '/', signal }), TransientError)
})

const cutOff: readonly [string, string][] = [
  ['an answer shorter than it says', 'content-length: 100\r\n\r\n{"a'],
  ['the last answer of a connection, shorter than it says', 'connection: close\r\ncontent-length: 100\r\n\r\n{"a'],
  ['a chunk that is cut off', 'transfer-encoding: chunked\r\n\r\n64\r\n{"a'],
  ['a chunk that is cut off in the last answer', 'connection: close\r\ntransfer-encoding: chunked\r\n\r\n64\r\n{"a'],
  ['no last chunk in the last answer', 'connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n'],
]
for (const [what, answer] of cutOff) {
  test(`${what} is worth asking again, for it says nothing`, async () => {
    const port = await listen(
      createTcpServer(socket => void socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${answer}`))),
    )
    const address: Address = { url: new URL(`http://127.0.0.1:${port}`), headers: {} }
    await assert.rejects(request(address, { path: '/', signal }), { name: 'TransientError', message: /closed before/ })
  })
}

const refusals: readonly [number, string, 'product' | 'environment'][] = [
  [400, 'invalid TraceQL', 'product'],
  [404, 'no such tenant', 'product'],
  [422, '', 'product'],
  [401, '', 'environment'],
  [403, 'not yours', 'environment'],
  [407, '', 'environment'],
  [302, 'log in first', 'environment'],
  [404, '404 page not found\n', 'environment'],
  [404, '<html><h1>404 Not Found</h1>nginx</html>', 'environment'],
  [400, 'Client sent an HTTP request to an HTTPS server.\n', 'environment'],
]
for (const [status, text, whose] of refusals) {
  test(`${status} ${text.trim()} is of the ${whose}`, async () => {
    const address = await serve((_, response) => response.writeHead(status).end(text))
    await assert.rejects(
      request(address, { path: '/', signal }),
      (error: unknown) => error instanceof RequestError && error.whose === whose,
    )
  })
}

test('a request that cannot be made at all is a defect of the suite', async () => {
  const address = await serve((_, response) => response.end())
  const wrong: Address = { ...address, headers: { 'x-name': 'two\nlines' } }
  await assert.rejects(request(wrong, { path: '/', signal }), (error: unknown) => !(error instanceof RequestError))
})

test('a time-out is worth asking again, an end by the caller is passed on', async () => {
  const silent = await serve(() => {})
  await assert.rejects(request(silent, { path: '/', signal: AbortSignal.timeout(30) }), TransientError)
  const reason = new Error('the run was interrupted')
  const controller = new AbortController()
  const asked = request(silent, { path: '/', signal: controller.signal })
  controller.abort(reason)
  await assert.rejects(asked, error => error === reason)
})

test('secrets go over the wire and are taken out of what is quoted', async () => {
  const password = new Secret('correct-horse-battery')
  const address = await serve((incoming, response) =>
    response.writeHead(401).end(`${incoming.headers.authorization} is wrong`),
  )
  const secured: Address = { ...address, headers: { Authorization: password } }
  await assert.rejects(request(secured, { path: '/', signal }), {
    name: 'RequestError',
    message: `GET ${address.url.href}: 401 Unauthorized, [secret] is wrong`,
  })
})

test('an authority that is not known, and TLS where there is none, are definite', async () => {
  const { certificate, key } = await selfSigned()
  const port = await listen(createTlsServer({ cert: certificate, key }, (_, response) => response.end('private')))
  const url = new URL(`https://127.0.0.1:${port}`)
  await assert.rejects(request({ url, headers: {} }, { path: '/', signal }), (error: unknown) => {
    assert.ok(error instanceof RequestError)
    assert.match(error.message, /TLS failed \(DEPTH_ZERO_SELF_SIGNED_CERT\).*caFile/)
    return true
  })
  const trusted = await request({ url, headers: {}, ca: certificate }, { path: '/', signal })
  assert.equal(trusted.body.toString(), 'private')
  const plain = await serve((_, response) => response.end())
  const wrong = new URL(plain.url.href.replace('http:', 'https:'))
  await assert.rejects(request({ url: wrong, headers: {} }, { path: '/', signal }), RequestError)
})

test('what does not speak HTTP is definite', async () => {
  const port = await listen(createTcpServer(socket => socket.end('not http at all\r\n\r\n')))
  await assert.rejects(request({ url: new URL(`http://127.0.0.1:${port}`), headers: {} }, { path: '/', signal }), {
    name: 'RequestError',
    message: /does not speak HTTP/,
    whose: 'environment',
  })
})

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  }
}
