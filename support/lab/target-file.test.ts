import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { targetSchema } from '../target/schema.ts'
import { makeAccounts } from './accounts.ts'
import { portsByName } from './lab-system.ts'
import { labEnvironment, labTarget, storageSecretVariable, targetYaml } from './target-file.ts'
import { tempo } from './tempo.ts'

const accounts = makeAccounts(['tempo'])
const workload = { kind: 'LabProcess', socket: '/tmp/observability-lab-x/control.sock', name: 'tempo' } as const
const whole = labTarget({
  storage: { endpoint: 'https://127.0.0.1:9000', region: 'us-east-1', caFile: '/ca.crt', version: 'v1', accounts },
  systems: {
    tempo: tempo.entry({
      ports: portsByName({ 'tempo.http': 1, 'tempo.otlp-grpc': 3, 'tempo.otlp-http': 4 }),
      directory: '/tmp/observability-lab-x/tempo',
      listens: portsByName({ 'tempo.otlp-grpc': 5 }),
      bucket: 'traces',
      storageUser: accounts.systems.tempo?.user ?? '',
      storageSecretKey: { env: storageSecretVariable('tempo') },
      workload,
      version: 'v1',
    }),
  },
})

describe("the lab's target file", () => {
  it('has the form of a target', () => {
    const target = targetSchema.parse(parse(targetYaml(whole)))
    assert.equal(target.name, 'lab')
    assert.equal(target.s3?.endpoint, 'https://127.0.0.1:9000')
    assert.equal(target.s3?.buckets.loki, 'loki-chunks')
    assert.deepEqual(target.systems.tempo?.workload, workload)
    assert.equal(target.systems.tempo?.otlpGrpc, 'http://127.0.0.1:3')
    assert.equal(target.systems.tempo?.otlpGrpcPort, 5)
    assert.deepEqual(target.allow.disruption, ['lab'])
    assert.ok(target.deviations.some(({ requirement }) => requirement === 'tempo-mimir.006.3'))
  })

  it('holds no secret, and every variable that it names has a value', () => {
    const text = targetYaml(whole)
    const { root, acceptance, systems } = accounts
    for (const { password } of [root, acceptance, ...Object.values(systems)])
      assert.equal(text.includes(password.reveal()), false)
    const environment = labEnvironment(accounts)
    const named = [...text.matchAll(/env: (\S+)/g)].map(([, name]) => name ?? '')
    assert.deepEqual(named.sort(), Object.keys(environment).sort())
    assert.equal(environment.LAB_S3_SECRET_ACCESS_KEY, accounts.acceptance.password.reveal())
    assert.equal(environment.LAB_S3_ADMINISTRATION_ACCESS_KEY_ID, accounts.root.user)
  })

  it('of a lab without servers is a target without systems', () => {
    assert.deepEqual(targetSchema.parse(parse(targetYaml(labTarget({})))).systems, {})
  })
})
