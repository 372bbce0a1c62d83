import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { connect, createServer, type Server } from 'node:tls'
import { type Certificates, makeCertificates } from './certificates.ts'

describe('the certificates of a lab', () => {
  let certificates: Certificates
  let server: Server
  before(async () => {
    certificates = await makeCertificates()
    server = createServer({ cert: certificates.server, key: certificates.serverKey }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => server.close())

  const shakeHands = async (options: { ca?: string; servername?: string; host?: string }) => {
    const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options })
    try {
      await once(socket, 'secureConnect')
      return socket.authorized
    } finally {
      socket.destroy()
    }
  }

  it('prove 127.0.0.1 and localhost to whoever trusts the authority', async () => {
    assert.equal(await shakeHands({ ca: certificates.authority }), true)
    assert.equal(await shakeHands({ ca: certificates.authority, servername: 'localhost' }), true)
  })

  it('prove nothing to anybody else, and no other name', async () => {
    await assert.rejects(shakeHands({}), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    await assert.rejects(shakeHands({ ca: (await makeCertificates()).authority }), { code: /SIGNATURE|ISSUER|VERIFY/ })
    await assert.rejects(shakeHands({ ca: certificates.authority, servername: 'example.org' }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })
})
