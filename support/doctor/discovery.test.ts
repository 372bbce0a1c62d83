import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Discovery } from '../target/target.ts'
import { discoveryFinding } from './discovery.ts'

const nothing = { files: [], urls: [] }

test('a folder is discovered by a job that reads its files', () => {
  const discovery: Discovery = { folder: '/etc/targets', host: 'here' }
  const of = (...files: string[]) => discoveryFinding(discovery, { discoveredBy: { ...nothing, files } })
  assert.equal(of('/elsewhere/*.json', '/etc/targets/*.json').problem, undefined)
  assert.match(of('/etc/targets/deeper/*.json').problem ?? '', /reads files of this folder/)
  assert.match(of().advice ?? '', /\/etc\/targets\/\*\.json/)
})

test('a Service is discovered by a job that asks it, by whichever of its names', () => {
  const service = { host: 'acceptance-targets.monitoring.svc', port: 9464, forwarded: true }
  const discovery: Discovery = { service: { url: new URL('http://127.0.0.1:1'), headers: {}, service } }
  const of = (...urls: string[]) => discoveryFinding(discovery, { discoveredBy: { ...nothing, urls } })
  assert.match(of().what, /in acceptance-targets\.monitoring\.svc:9464$/)
  for (const host of ['acceptance-targets', 'acceptance-targets.monitoring.svc.cluster.local'])
    assert.equal(of(`http://${host}:9464/targets`).problem, undefined)
  const wrong = [
    'http://acceptance-targets:9465/targets',
    'http://other:9464/targets',
    'http://acceptance-targets:9464/',
  ]
  for (const url of wrong) assert.match(of(url).problem ?? '', /asks \/targets there/)
})

test('a server that is no Service may be called otherwise by Prometheus', () => {
  const discovery: Discovery = { service: { url: new URL('http://127.0.0.1:9464'), headers: {} } }
  const of = (...urls: string[]) => discoveryFinding(discovery, { discoveredBy: { ...nothing, urls } })
  assert.equal(of('https://targets.example.org/targets').problem, undefined)
  assert.notEqual(of().problem, undefined)
})
