import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent } from 'node:https'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  GetBucketLifecycleConfigurationCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { parse } from 'yaml'
import { LabProcess } from '../drivers/lab-process.ts'
import { labsFolder } from '../folders.ts'
import { type TargetFile, targetSchema } from '../target/schema.ts'
import { foreignBucket } from './accounts.ts'
import { type Lab, startLab } from './lab.ts'
import { labBucketNames } from './lab-buckets.ts'
import { cachedProgram } from './program.ts'
import { programVariable, readServerPins, type ServerName } from './servers.ts'
import { isEnded } from './testing/processes.ts'

const never = new AbortController().signal
const isAtHand = (name: ServerName): boolean =>
  process.env[programVariable(name)] !== undefined || existsSync(cachedProgram(name, readServerPins()[name].version))
const skip = isAtHand('minio') && isAtHand('tempo') ? false : 'the servers are not built yet; npm run lab builds them'
const start = (): Promise<Lab> =>
  startLab({ systems: ['tempo'], ports: 'free', signal: never, onProgress: () => undefined })

describe('the lab', { skip, timeout: 120_000 }, () => {
  let lab: Lab
  let target: TargetFile
  before(async () => {
    lab = await start()
    target = targetSchema.parse(parse(readFileSync(lab.targetFile, 'utf8')))
  })
  after(async () => await lab?.[Symbol.asyncDispose]())

  const tempo = () => target.systems.tempo ?? assert.fail('no tempo')
  const workload = (name: string) => new LabProcess({ socket: join(lab.directory, 'control.sock'), name })
  const storage = (account: string): S3Client => {
    const { endpoint, region, caFile } = target.s3 ?? assert.fail('no s3')
    return new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: {
        accessKeyId: lab.environment[`${account}_ACCESS_KEY_ID`] ?? '',
        secretAccessKey: lab.environment[`${account}_SECRET_ACCESS_KEY`] ?? '',
      },
      requestHandler: { httpsAgent: new Agent({ ca: readFileSync(caFile ?? '') }) },
    })
  }
  const push = async (traceId: string): Promise<void> => {
    const time = `${Date.now()}000000`
    const span = { traceId, spanId: 'a1b2c3d4e5f60718', name: 'probe', startTimeUnixNano: time, endTimeUnixNano: time }
    const response = await fetch(`${tempo().otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [span] }] }] }),
    })
    assert.equal(response.status, 200)
  }
  const until = async (what: string, limit: number, holds: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + limit
    while (!(await holds())) {
      if (performance.now() > deadline) assert.fail(`${what}: not within ${limit} ms`)
      await pause(25)
    }
  }
  const finds = async (path: string): Promise<boolean> => (await fetch(`${tempo().http}${path}`)).status === 200

  it('has servers that are ready, and tells their versions', async () => {
    assert.deepEqual(Object.keys(lab.versions).sort(), ['minio', 'tempo'])
    for (const name of ['minio', 'tempo']) assert.equal((await workload(name).status(never)).value.ready, true, name)
    assert.deepEqual(lab.incidents(), [])
  })

  it('is asked on other ports than its servers listen on, and Tempo too asks the storage there', async () => {
    // The line of the request comes first, then the configuration.
    const [, configuration = ''] = (await (await fetch(`${tempo().http}/status/config`)).text()).split('---\n')
    const { server, distributor, storage: stored } = parse(configuration)
    const asked = [tempo().http, tempo().otlpGrpc, tempo().otlpHttp].map(url => Number(new URL(url as string).port))
    const { grpc, http } = distributor.receivers.otlp.protocols
    const listened = [server.http_listen_port, ...[grpc, http].map(({ endpoint }) => Number(endpoint.split(':')[1]))]
    assert.equal(new Set([...asked, ...listened]).size, 6, `${asked} ${listened}`)
    assert.equal(tempo().otlpGrpcPort, listened[1])
    assert.equal(`https://${stored.trace.s3.endpoint}`, target.s3?.endpoint)
  })

  it('keeps an acknowledged trace in the bucket within 5 s', async () => {
    const traceId = '0a'.repeat(16)
    await push(traceId)
    await until('the trace in the blocks', 5_000, () => finds(`/querier/api/traces/${traceId}?mode=blocks`))
    const listed = await storage('LAB_S3').send(new ListObjectsV2Command({ Bucket: tempo().bucket }))
    assert.ok(listed.Contents?.some(({ Key }) => /^single-tenant\/[\da-f-]{36}\/data\.parquet$/.test(Key ?? '')))
  })

  it('expires what is in the bucket, and the suite may see that', async () => {
    const { Rules } = await storage('LAB_S3').send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: tempo().bucket }),
    )
    assert.deepEqual(
      Rules?.map(({ Status, Expiration }) => [Status, Expiration?.Days]),
      [['Enabled', 30]],
    )
  })

  it("lets the suite's account read and nothing else", async () => {
    const own = new PutObjectCommand({ Bucket: tempo().bucket, Key: 'own', Body: 'x' })
    await assert.rejects(storage('LAB_S3').send(own), { name: 'AccessDenied' })
    const { Buckets } = await storage('LAB_S3').send(new ListBucketsCommand({}))
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      [foreignBucket, ...Object.values(labBucketNames())].sort(),
    )
    const foreign = new PutObjectCommand({ Bucket: foreignBucket, Key: 'own', Body: 'x' })
    await assert.rejects(storage('LAB_S3').send(foreign), { name: 'AccessDenied' })
  })

  it('restarts a killed server with its data', async () => {
    const traceId = '0b'.repeat(16)
    await push(traceId)
    await pause(1_500)
    const { value: before } = await workload('tempo').status(never)
    await workload('tempo').kill(never)
    await until('a new life', 10_000, async () => {
      const { value: status } = await workload('tempo').status(never)
      return status.ready && status.incarnation !== before.incarnation
    })
    await until('the trace', 2_000, () => finds(`/api/traces/${traceId}`))
    assert.deepEqual(lab.incidents(), [])
  })

  it('tells of the files below a folder of a server, and of no others', async () => {
    const files = async (folder: string) => (await workload('tempo').files(folder, never)).value
    const own = join(lab.directory, 'tempo')
    const log = (await files(own)).find(({ path }) => path === 'tempo.log')
    assert.ok((log?.bytes ?? 0) > 100)
    assert.deepEqual(await files(join(own, 'not-there')), [])
    await assert.rejects(files(lab.directory), /404 .*is no folder of tempo/)
    await assert.rejects(files(join(own, '..', 'minio')), /404 .*is no folder of tempo/)
  })

  it('has a server stay away, and brings it back', async () => {
    const tempoProcess = workload('tempo')
    assert.equal((await tempoProcess.instances(never)).value, 1)
    await tempoProcess.scale(0, never)
    await until('it is away', 5_000, async () => !(await tempoProcess.status(never)).value.ready)
    assert.equal((await tempoProcess.instances(never)).value, 0)
    await pause(300)
    assert.equal((await tempoProcess.status(never)).value.ready, false)
    await assert.rejects(tempoProcess.scale(2, never), /400 .*neither 0 nor 1/)
    await tempoProcess.scale(1, never)
    await until('it is back', 10_000, async () => (await tempoProcess.status(never)).value.ready)
    assert.deepEqual(lab.incidents(), [])
  })

  it('listens on loopback only', { skip: process.platform !== 'linux' }, () => {
    // The servers' own ports, and those of the proxy, which is in this process.
    const addresses = [...serverPids(lab), process.pid].flatMap(listeningAddresses)
    assert.ok(addresses.length >= 9, `${addresses}`)
    const loopback = ['0100007F', '00000000000000000000000001000000']
    assert.deepEqual(
      addresses.filter(address => !loopback.includes(address)),
      [],
    )
  })

  it('leaves nothing behind, and does not touch the one beside it', async () => {
    const other = await start()
    const pids = serverPids(other)
    assert.equal(pids.length, 2)
    await other[Symbol.asyncDispose]()
    for (const pid of pids) assert.ok(await isEnded(pid), `${pid} still runs`)
    assert.equal(existsSync(other.directory), false)
    assert.equal(recordsOf(other).length, 0)
    assert.equal(recordsOf(lab).length, 1)
    assert.equal((await workload('tempo').status(never)).value.ready, true)
  })

  it('stops starting when it is interrupted, and leaves nothing behind', async () => {
    const interruption = new AbortController()
    const before = readdirSync(labsFolder).length
    const onProgress = ({ server }: { server: string }) => server === 'tempo' && interruption.abort(new Error('enough'))
    await assert.rejects(
      startLab({ systems: ['tempo'], ports: 'free', signal: interruption.signal, onProgress }),
      /enough/,
    )
    assert.equal(readdirSync(labsFolder).length, before)
  })
})

function recordsOf(lab: Lab): string[] {
  const id = basename(lab.directory).split('-').at(-1) ?? ''
  return readdirSync(labsFolder).filter(file => file.includes(id))
}

function serverPids(lab: Lab): number[] {
  return recordsOf(lab).flatMap(file =>
    JSON.parse(readFileSync(join(labsFolder, file), 'utf8')).servers.map(
      ({ process }: { process: { pid: number } }) => process.pid,
    ),
  )
}

/** The addresses, as /proc/net/tcp writes them, on which a process listens. */
function listeningAddresses(pid: number): string[] {
  const sockets = openFiles(pid)
  return ['tcp', 'tcp6']
    .flatMap(table => readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1))
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
    .map(fields => (fields[1] ?? '').split(':')[0] ?? '')
}

/** What a process that goes on meanwhile has open: what it closes while it is read about does not count. */
function openFiles(pid: number): Set<string> {
  const descriptors = readdirSync(`/proc/${pid}/fd`)
  return new Set(
    descriptors.flatMap(descriptor => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)]
      } catch {
        return []
      }
    }),
  )
}
