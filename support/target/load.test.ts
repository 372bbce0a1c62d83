import 'reflect-metadata'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { UsageError } from '../errors.ts'
import { redact, Secret } from '../secret.ts'
import { assertDeviationsKnown, loadTarget, readTarget } from './load.ts'
import { type ForwardedPorts, forwardsVariable } from './services.ts'
import { makeCertificate } from './testing/certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'target.yaml')

function load(text: string, environment: Record<string, string> = {}) {
  writeFileSync(file, text)
  return loadTarget(file, environment)
}

function faultsOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    load(text, environment)
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error))
    return error.faults.map(fault => fault.slice(fault.lastIndexOf('target.yaml')))
  }
  return []
}

const tempo = (http: string, more = '') => `name: here
systems:
  tempo:
    http: ${http}
    otlpGrpc: http://127.0.0.1:4317
    otlpHttp: http://127.0.0.1:4318
    bucket: traces
${more}`

test('the sample that people copy is sound, once its environment is set', () => {
  const example = resolve(import.meta.dirname, '../../fixtures/targets/example.yaml')
  const environment = {
    ACCEPT_S3_ACCESS_KEY_ID: 'key-of-s3',
    ACCEPT_S3_SECRET_ACCESS_KEY: 'secret-of-s3',
    ACCEPT_TEMPO_PASSWORD: 'pass-of-tempo',
  }
  const target = loadTarget(example, environment)
  assert.equal(target.systems.tempo?.http.url.href, 'https://tempo.example.org/')
  assert.equal(target.s3?.credentials.secretAccessKey.reveal(), 'secret-of-s3')
  assert.throws(
    () => loadTarget(example, {}),
    (error: UsageError) => error.faults.length === 3,
  )
})

test('buckets are known by whose they are, those of systems from their own entries', () => {
  const s3 = 's3: {endpoint: "https://s3.example", credentials: {accessKeyId: {env: K}, secretAccessKey: {env: S}}'
  const environment = { K: 'key-of-buckets', S: 'secret-of-buckets' }
  const text = `${tempo('http://127.0.0.1:3200')}${s3}, buckets: {loki: chunks}}\n`
  const { s3: storage, systems } = load(text, environment)
  assert.deepEqual(storage?.buckets, { tempo: 'traces', loki: 'chunks' })
  assert.equal(systems.s3, storage)
  assert.match(faultsOf(text.replace('loki:', 'lokki:'), environment)[0] ?? '', /s3\.buckets.*lokki/)
})

const clusters = `clusters:
  central: { kubeconfig: central.yaml, namespace: observability }
  edge: {}
`

test('a Service has the name that it has in its cluster, at the port of its forward where there is one', () => {
  const text = tempo('https+service/tempo:3200@edge', clusters).replace('http://127.0.0.1:4317', 'service/tempo:4317')
  writeFileSync(file, text)
  const ports = { 'central/observability/tempo:4317': 4711 }
  const forwarded: ForwardedPorts = { targetFile: file, ports }
  const { target, services } = readTarget(file, { [forwardsVariable]: JSON.stringify(forwarded) })
  const { http, otlpGrpc } = target.systems.tempo ?? {}
  assert.equal(http?.url.href, 'https://tempo.monitoring.svc:3200/')
  assert.deepEqual(http.service, { host: 'tempo.monitoring.svc', port: 3200, forwarded: false })
  assert.equal(otlpGrpc?.url.href, 'http://tempo.observability.svc:4711/')
  assert.deepEqual(otlpGrpc.service, { host: 'tempo.observability.svc', port: 4317, forwarded: true })
  assert.deepEqual(
    services.map(({ owner, cluster, port }) => [owner, cluster, port]),
    [
      ['tempo', 'edge', 3200],
      ['tempo', 'central', 4317],
    ],
  )
  assert.deepEqual(
    target.clusters.map(({ name, kubeconfig }) => [name, kubeconfig]),
    [
      ['central', join(folder, 'central.yaml')],
      ['edge', undefined],
    ],
  )
  // Forwards of another target may lead to another cluster of the same name.
  const others = { ...forwarded, targetFile: '/elsewhere.yaml' }
  const own = loadTarget(file, { [forwardsVariable]: JSON.stringify(others) })
  assert.equal(own.systems.tempo?.otlpGrpc.url.port, '4317')
})

test('a cluster that is not there is told with those that are; without any there is the usual one', () => {
  assert.deepEqual(faultsOf(tempo('service/tempo:3200@west', clusters)), [
    'target.yaml:4: systems.tempo.http: there is no cluster west; under clusters there are central, edge',
  ])
  assert.deepEqual(load(tempo('service/tempo:3200')).clusters, [{ name: 'default', namespace: 'monitoring' }])
})

test('defaults are filled in', () => {
  const target = load(tempo('http://127.0.0.1:3200'))
  assert.deepEqual(target.allow, { disruption: [] })
  assert.deepEqual(target.deviations, [])
  assert.equal(target.file, file)
  const { querier, http, prefix, tenant, otlpGrpcPort } = target.systems.tempo ?? assert.fail('no tempo')
  assert.deepEqual([querier, prefix, tenant, otlpGrpcPort], [http, '', 'single-tenant', 4317])
})

test('basic authentication and tokens become secret headers, which are kept out of any text', () => {
  const basic = load(tempo('{url: "http://a/", basicAuth: {username: me, password: {env: P}}}'), { P: 'hunter22' })
  const header = basic.systems.tempo?.http.headers.authorization
  assert.ok(header instanceof Secret)
  assert.equal(header.reveal(), `Basic ${Buffer.from('me:hunter22').toString('base64')}`)
  assert.equal(redact(`seen: ${Buffer.from('me:hunter22').toString('base64')}, hunter22`), 'seen: [secret], [secret]')
  const bearer = load(tempo('{url: "http://a/", bearerToken: {env: T}}'), { T: 'tokentoken' })
  const token = bearer.systems.tempo?.http.headers.authorization
  assert.ok(token instanceof Secret)
  assert.deepEqual([String(token), token.reveal()], ['[secret]', 'Bearer tokentoken'])
})

test('everything that is wrong is told at once, with line and path', () => {
  const text = tempo(
    '3200',
    '    bukket: x\n    otlpGrpcPort: -1\nalow: {disruption: []}\ndeviations: [{requirement: a, reason: b, owner: c, until: soon}]\n',
  )
  const faults = faultsOf(text).join('\n')
  assert.match(faults, /target\.yaml:4: systems\.tempo\.http: expected a URL such as http:\/\/127\.0\.0\.1:3200/)
  assert.match(faults, /target\.yaml:8: systems\.tempo\.bukket: unknown key; did you mean "bucket"\?/)
  assert.match(faults, /target\.yaml:9: systems\.tempo\.otlpGrpcPort: /)
  assert.match(faults, /target\.yaml:10: alow: unknown key; did you mean "allow"\?/)
  assert.match(faults, /target\.yaml:11: deviations\.0\.until: /)
})

test('variables that are not set are told also where the form is wrong elsewhere', () => {
  const token = '{ url: http://127.0.0.1:1, bearerToken: { env: NOT_SET } }'
  assert.deepEqual(faultsOf(tempo(token, '    buckets: traces\n')), [
    'target.yaml:8: systems.tempo.buckets: unknown key; did you mean "bucket"?',
    'target.yaml:4: systems.tempo.http.bearerToken: the environment variable NOT_SET is not set',
  ])
})

test('all environment variables that are not set are told, each with its place', () => {
  const storage =
    's3: {endpoint: "http://s3/", credentials: {accessKeyId: {env: KEY}, secretAccessKey: {env: SECRET}}}\n'
  assert.deepEqual(
    faultsOf(tempo('{url: "http://a/", bearerToken: {env: TOKEN}}', storage), { KEY: 'set', SECRET: '' }),
    [
      'target.yaml:8: s3.credentials.secretAccessKey: the environment variable SECRET is not set',
      'target.yaml:4: systems.tempo.http.bearerToken: the environment variable TOKEN is not set',
    ],
  )
})

test('credentials in a URL are refused and not repeated', () => {
  const faults = faultsOf(tempo('http://user:hunter22@a/'))
  assert.match(faults[0] ?? '', /systems\.tempo\.http: holds credentials/)
  assert.doesNotMatch(faults.join('\n'), /hunter22/)
})

test('a secret written into the file is refused', () => {
  const faults = faultsOf(tempo('{url: "http://a/", bearerToken: hunter22}'))
  assert.match(faults[0] ?? '', /systems\.tempo\.http\.bearerToken: expected \{env: NAME\}/)
  assert.doesNotMatch(faults.join('\n'), /hunter22/)
})

test('two ways of authorisation at once are refused', () => {
  const faults = faultsOf(tempo('{url: "http://a/", bearerToken: {env: T}, headers: {Authorization: x}}'), {
    T: 'tokentoken',
  })
  assert.match(faults[0] ?? '', /in more than one way/)
})

test('a private authority is read from beside the target file', async () => {
  const { certificate } = await makeCertificate('127.0.0.1')
  writeFileSync(join(folder, 'ca.pem'), certificate)
  assert.equal(load(tempo('{url: "https://a/", caFile: ca.pem}')).systems.tempo?.http.ca, certificate)
  writeFileSync(join(folder, 'no.pem'), 'nothing')
  assert.match(
    faultsOf(tempo('{url: "https://a/", caFile: no.pem}'))[0] ?? '',
    /http\.caFile: .*holds no PEM certificate/,
  )
  assert.match(
    faultsOf(tempo('{url: "https://a/", caFile: gone.pem}'))[0] ?? '',
    /http\.caFile: .*gone\.pem cannot be read/,
  )
})

test('the socket of a lab is found beside the target file', () => {
  const target = load(tempo('http://a/', '    workload: {kind: LabProcess, socket: lab.sock, name: tempo}\n'))
  assert.deepEqual(target.systems.tempo?.workload, {
    kind: 'LabProcess',
    socket: join(folder, 'lab.sock'),
    name: 'tempo',
  })
})

test('malformed YAML is told with its line, a missing file by its name', () => {
  assert.match(faultsOf('name: a\nsystems: [\n')[0] ?? '', /target\.yaml:3: /)
  assert.throws(() => loadTarget(join(folder, 'none.yaml'), {}), /There is no target file .*none\.yaml/)
})

test('a deviation from an unknown requirement, or one given twice, is a fault', () => {
  const deviation = (requirement: string) => ({ requirement, reason: 'r', owner: 'o', until: '2099-01-01' })
  const registry = { byId: new Map([['a.b.1', {}]]), nearest: () => ['a.b.1'] }
  assertDeviationsKnown({ file: 'f', deviations: [deviation('a.b.1')] }, registry)
  assert.throws(
    () =>
      assertDeviationsKnown(
        { file: 'f', deviations: [deviation('a.b.2'), deviation('a.b.1'), deviation('a.b.1')] },
        registry,
      ),
    (error: UsageError) => {
      assert.deepEqual(error.faults, [
        'deviations.0.requirement: there is no requirement a.b.2; the nearest are a.b.1',
        'deviations.2.requirement: a.b.1 is given twice',
      ])
      return true
    },
  )
})
