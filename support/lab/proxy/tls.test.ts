import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { type Certificates, makeCertificates } from '../certificates.ts'
import { freePorts } from '../ports.ts'
import { type LabProxy, startProxy } from './proxy.ts'
import { ask, headerIn, RecordingServer } from './testing/http-peers.ts'
import { rulesOf } from './testing/messages.ts'

describe('a port that speaks S3 over TLS', () => {
  let certificates: Certificates
  let behind: RecordingServer
  let proxy: LabProxy
  let [direct, port] = [0, 0]

  before(async () => {
    ;[direct = 0, port = 0] = await freePorts(2)
    certificates = await makeCertificates()
    const { server, serverKey } = certificates
    behind = new RecordingServer(listener => createServer({ cert: server, key: serverKey }, listener))
    await new Promise<void>(resolve => behind.server.listen(direct, '127.0.0.1', resolve))
    proxy = await startProxy({
      ports: [{ name: 'minio.s3', listen: { port }, upstream: { port: direct } }],
      certificates,
    })
  })
  afterEach(async () => {
    await proxy.setRules([])
    behind.seen.length = 0
  })
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    behind.server.closeAllConnections()
    behind.server.close()
  })

  const set = async (...rules: readonly object[]) =>
    await proxy.setRules(rulesOf(...rules.map(rule => ({ at: 'minio.s3', ...rule }) as Parameters<typeof rulesOf>[0])))
  const get = async (account: string) =>
    await ask({ port, ca: certificates.authority }, '/bucket/key?list-type=2', {
      headers: {
        host: `minio.example:${port}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${account}-1a2b/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`,
      },
      servername: 'localhost',
    })
  /** The certificate that is shown, whoever signed it. */
  const shown = async (to: number) => {
    const socket = connect({
      port: to,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    try {
      await once(socket, 'secureConnect')
      return { serial: socket.getPeerCertificate().serialNumber, protocol: socket.alpnProtocol }
    } finally {
      socket.destroy()
    }
  }

  it('shows the certificate of the server itself while there is no rule', async () => {
    assert.deepEqual(await shown(port), await shown(direct))
  })

  it('shows one of the same authority where there is', async () => {
    await set({ when: { path: '^/never' }, do: { reset: true } })
    assert.equal((await get('tempo')).status, 200)
    assert.equal((await shown(port)).protocol, 'http/1.1')
  })

  it('passes on what is signed as it is, with the Host header', async () => {
    await set({ do: { headers: { 'x-one': '1' } } })
    assert.equal(headerIn(await get('tempo'), 'x-one'), '1')
    const [reached] = behind.seen
    assert.equal(reached?.line, 'GET /bucket/key?list-type=2')
    assert.equal(headerIn(reached, 'host'), `minio.example:${port}`)
    assert.match(headerIn(reached, 'authorization') ?? '', /Credential=tempo-1a2b\//)
  })

  it('tells accounts apart', async () => {
    await set({ when: { account: 'tempo' }, do: { answer: { status: 403 } } })
    assert.deepEqual([(await get('tempo')).status, (await get('acceptance')).status], [403, 200])
  })

  it('resets connections, answers in part, and ends thereafter', async () => {
    behind.answer = () => ({ body: 'a'.repeat(100_000) })
    await set({ timing: { times: 1 }, do: { reset: true } }, { timing: { skip: 1, times: 1 }, do: { truncate: 10 } })
    await assert.rejects(get('tempo'), { code: 'ECONNRESET' })
    await assert.rejects(get('tempo'), { code: 'ECONNRESET' })
    assert.equal((await get('tempo')).body.length, 100_000)
    assert.deepEqual(await proxy.strikes(), [1, 1])
    behind.answer = () => ({})
  })

  for (const [certificate, code] of [
    ['expired', 'CERT_HAS_EXPIRED'],
    ['other host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['unknown authority', /UNABLE_TO_VERIFY|CERT_SIGNATURE_FAILURE|SELF_SIGNED/],
  ] as const) {
    it(`begins with a certificate that nobody should accept: ${certificate}`, async () => {
      await set({ do: { certificate } })
      await assert.rejects(get('tempo'), { code })
      assert.deepEqual(behind.seen, [])
      assert.deepEqual(await proxy.strikes(), [1])
    })
  }

  it('ends though clients were leaving as it reset them', async () => {
    const [own = 0] = await freePorts(1)
    const going = await startProxy({
      ports: [{ name: 'minio.s3', listen: { port: own }, upstream: { port: direct } }],
      certificates,
    })
    await going.setRules(rulesOf({ at: 'minio.s3', do: { reset: true } }))
    const clients = Array.from({ length: 30 }, async () => {
      const socket = connect({ port: own, host: '127.0.0.1', ca: certificates.authority })
      await once(socket, 'secureConnect')
      socket.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      return await buffer(socket).catch(() => undefined)
    })
    await Promise.all(clients)
    await going[Symbol.asyncDispose]()
  })

  it('does not take a server for its own that somebody else vouches for', async () => {
    const [own = 0] = await freePorts(1)
    await using deceived = await startProxy({
      ports: [{ name: 'minio.s3', listen: { port: own }, upstream: { port: direct } }],
      certificates: { ...(await makeCertificates()), server: certificates.server, serverKey: certificates.serverKey },
    })
    await deceived.setRules(rulesOf({ at: 'minio.s3', do: { status: 200 } }))
    await assert.rejects(ask({ port: own, ca: certificates.authority }, '/'), { code: 'ECONNRESET' })
    assert.deepEqual(behind.seen, [])
  })

  it('needs certificates for its rules', async () => {
    const [own = 0] = await freePorts(1)
    await using without = await startProxy({
      ports: [{ name: 'minio.s3', listen: { port: own }, upstream: { port: direct } }],
    })
    await assert.rejects(without.setRules(rulesOf({ at: 'minio.s3', do: { status: 200 } })), /no certificates/)
  })
})
