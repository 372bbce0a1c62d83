import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { forwardKey, hostOf, isServiceAddress, parseServiceAddress, urlOfService } from './service-address.ts'

const defaults = {
  cluster: 'central',
  namespaceOf: (name: string) => ({ central: 'monitoring', edge: 'edge-monitoring' })[name],
}

test('a Service is named by itself, or with its namespace, its cluster and TLS', () => {
  const place = { name: 'tempo', namespace: 'monitoring', port: 3200, secure: false, cluster: 'central' }
  assert.deepEqual(parseServiceAddress('service/tempo:3200', defaults), place)
  assert.deepEqual(parseServiceAddress('service/logs/tempo:3200', defaults), { ...place, namespace: 'logs' })
  assert.deepEqual(parseServiceAddress('https+service/tempo:3200@edge', defaults), {
    ...place,
    secure: true,
    cluster: 'edge',
    namespace: 'edge-monitoring',
  })
})

test('what is no Service is none', () => {
  for (const text of ['http://service/tempo:3200', 'service/tempo', 'service/:1', 'service/a/b/c:1', 'Service/a:1', ''])
    assert.deepEqual([text, isServiceAddress(text), parseServiceAddress(text, defaults)], [text, false, undefined])
})

test('it is called as in the cluster, at the port of a forward where there is one', () => {
  const address = parseServiceAddress('https+service/minio:9000', defaults)
  assert.ok(address !== undefined)
  assert.equal(hostOf(address), 'minio.monitoring.svc')
  assert.equal(urlOfService(address).href, 'https://minio.monitoring.svc:9000/')
  assert.equal(urlOfService(address, 4711).href, 'https://minio.monitoring.svc:4711/')
  assert.equal(forwardKey(address), 'central/monitoring/minio:9000')
})

test('what is written is what is read', () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/)
  fc.assert(
    fc.property(
      name,
      name,
      fc.integer({ min: 1, max: 65_535 }),
      name,
      fc.boolean(),
      (namespace, own, port, cluster, secure) => {
        const text = `${secure ? 'https+' : ''}service/${namespace}/${own}:${port}@${cluster}`
        assert.deepEqual(parseServiceAddress(text, defaults), { name: own, namespace, port, secure, cluster })
      },
    ),
  )
})
