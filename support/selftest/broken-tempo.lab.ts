import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { Lab } from '../lab/lab.ts'
import type { Ended } from './command.ts'
import { startGrpcReceiver } from './grpc-receiver.ts'
import { type Asked, type Fault, reply, startHttpProxy } from './http-proxy.ts'
import { printed, readReport, resultOf, verdictsOf } from './run-report.ts'
import { Surroundings } from './surroundings.ts'
import { type EditableTarget, startTestLab, targetOf, writeTarget } from './target.ts'
import { startTcpProxy } from './tcp-proxy.ts'

/**
 * Tempos that break a promise: a fault stands between the suite and the lab's Tempo, and the run must end with 1 and
 * name the promise. The last test has the proxies and no fault: they are not what turns it red.
 */
const surroundings = new Surroundings()
let lab: Lab
before(async () => {
  lab = await startTestLab()
})
after(async () => {
  await surroundings[Symbol.asyncDispose]()
  await lab?.[Symbol.asyncDispose]()
})

const isQueryById = ({ path }: Asked) => path.startsWith('/api/traces/')
const faithful: Fault = async (_, forward) => await forward()

/** Runs some requirements on the lab but for what is changed in its target file. */
async function run(ids: readonly string[], scale: number, change: (target: EditableTarget) => void): Promise<Ended> {
  const target = writeTarget(surroundings.folder, lab, change)
  const requirements = ids.flatMap(id => ['--requirement', id])
  return await surroundings.accept(
    ['--target', target, '--deadline-scale', String(scale), ...requirements],
    lab.environment,
  ).ended
}

/** The same with a fault in the answers of Tempo's HTTP interface. */
async function runWith(fault: Fault, scale: number, ...ids: string[]): Promise<Ended> {
  await using proxy = await startHttpProxy(targetOf(lab).systems.tempo.http as string, fault)
  return await run(ids, scale, ({ systems }) => {
    systems.tempo.http = proxy.url
  })
}

function assertViolated(ended: Ended, ...ids: string[]): void {
  assert.equal(ended.code, 1, printed(ended))
  const report = readReport(ended)
  assert.equal(report.exitCode, 1)
  for (const id of ids) {
    const { verdict, accepted, fault } = resultOf(report, id)
    assert.deepEqual({ id, verdict, accepted, fault }, { id, verdict: 'violated', accepted: false, fault: 'product' })
    assert.match(ended.stdout, new RegExp(`^violated +${id} `, 'm'))
  }
}

test('a Tempo that loses one span breaks its promise, and the report names the span', async () => {
  const lost = new Set<string>()
  const loseOneSpan: Fault = async (asked, forward) => {
    const answer = await forward()
    if (!isQueryById(asked) || answer.status !== 200) return answer
    const trace = JSON.parse(answer.body.toString()) as {
      batches: { scopeSpans: { spans: { spanId: string; name: string }[] }[] }[]
    }
    const span = trace.batches.at(-1)?.scopeSpans.at(-1)?.spans.pop()
    if (span !== undefined) lost.add(`${span.name} (${Buffer.from(span.spanId, 'base64').toString('hex')})`)
    return { ...answer, body: Buffer.from(JSON.stringify(trace)) }
  }
  const ended = await runWith(loseOneSpan, 0.05, 'tempo-mimir.006.1', 'tempo-mimir.006.2')
  assertViolated(ended, 'tempo-mimir.006.1', 'tempo-mimir.006.2')
  const named = [...ended.stdout.matchAll(/^ +last +3 of 4 spans; missing (.+)$/gm)].map(match => match[1] ?? '')
  assert.ok(named.length > 0 && named.every(name => lost.has(name)), printed(ended))
})

test('a Tempo that answers for an unknown id with an empty trace breaks its promise', async () => {
  const empty: Fault = async (asked, forward) => {
    const answer = await forward()
    return isQueryById(asked) && answer.status === 404 ? reply(200, '{"batches":[]}') : answer
  }
  const ended = await runWith(empty, 1, 'tempo-mimir.006.6')
  assertViolated(ended, 'tempo-mimir.006.6')
})

test('a Tempo that answers too late breaks its promise', async () => {
  const late: Fault = async (asked, forward) => {
    const answer = await forward()
    if (isQueryById(asked)) await pause(5_300)
    return answer
  }
  const ended = await runWith(late, 1, 'tempo-mimir.006.1')
  assertViolated(ended, 'tempo-mimir.006.1')
  const { deadlineMs, timeToTrueMs } = resultOf(readReport(ended), 'tempo-mimir.006.1')
  assert.deepEqual([deadlineMs, timeToTrueMs], [5_000, null])
})

test('a Tempo that acknowledges over gRPC and discards breaks its promise', async () => {
  using receiver = await startGrpcReceiver(() => ({ status: 0 }))
  const ended = await run(['tempo-mimir.006.1'], 0.05, ({ systems }) => {
    systems.tempo.otlpGrpc = receiver.url
  })
  assert.ok(receiver.calls() > 0)
  assertViolated(ended, 'tempo-mimir.006.1')
})

test('a Tempo that acknowledges over HTTP and discards breaks its promise', async () => {
  let discarded = 0
  const discard: Fault = async asked => {
    discarded += 1
    return reply(200, asked.headers['content-type'] === 'application/json' ? '{}' : '', asked.headers['content-type'])
  }
  await using proxy = await startHttpProxy(targetOf(lab).systems.tempo.otlpHttp as string, discard)
  const ended = await run(['tempo-mimir.006.2'], 0.05, ({ systems }) => {
    systems.tempo.otlpHttp = proxy.url
  })
  assert.ok(discarded > 0)
  assertViolated(ended, 'tempo-mimir.006.2')
})

test('a Tempo that flushes into another bucket breaks its promises', async () => {
  const other = 'another-bucket'
  await makeBucket(other)
  const ids = ['tempo-mimir.003.8', 'tempo-mimir.005.2', 'tempo-mimir.005.4']
  const ended = await run(ids, 0.01, ({ s3, systems }) => {
    // The suite's own account may read the lab's bucket only.
    if (s3.administration !== undefined) s3.credentials = s3.administration.credentials
    systems.tempo.bucket = other
  })
  assertViolated(ended, ...ids)
  assert.match(ended.stdout, /its bucket is "tempo-traces", the target's is "another-bucket"/)
})

test('a Tempo that stops answering in the middle breaks its promise while its surroundings answer', async () => {
  const { code, report, ended } = await runUntilClosed(() => undefined)
  assert.equal(code, 1, printed(ended))
  assert.deepEqual(verdictsOf(report)['tempo-mimir.006.1'], 'violated')
  assert.match(ended.stdout, /stopped answering, while everything else in the target answers/)
})

test('where the object storage is gone as well, nothing is decided', async () => {
  const { code, report, ended } = await runUntilClosed(storage => storage.close())
  assert.equal(code, 3, printed(ended))
  const { verdict, fault } = resultOf(report, 'tempo-mimir.006.1')
  assert.deepEqual({ verdict, fault }, { verdict: 'undetermined', fault: 'environment' })
  assert.match(ended.stdout, /these do not answer either: object storage at 127\.0\.0\.1:\d+/)
})

test('the same requirements are satisfied through proxies without a fault', async () => {
  const { s3, systems } = targetOf(lab)
  await using http = await startHttpProxy(systems.tempo.http as string, faithful)
  await using otlpHttp = await startHttpProxy(systems.tempo.otlpHttp as string, faithful)
  using storage = await startTcpProxy(new URL(s3.endpoint))
  const ids = ['005.2', '005.4', '006.1', '006.2', '006.6'].map(number => `tempo-mimir.${number}`)
  const ended = await run(ids, 1, target => {
    target.systems.tempo.http = http.url
    target.systems.tempo.otlpHttp = otlpHttp.url
    target.s3.endpoint = `https://${storage.host}`
  })
  assert.equal(ended.code, 0, printed(ended))
  const verdicts = verdictsOf(readReport(ended))
  assert.deepEqual(
    ids.map(id => verdicts[id]),
    ids.map(() => 'satisfied'),
    printed(ended),
  )
})

/** Queries a trace of a Tempo that closes its port at the first query by id; `also` closes what else shall be gone. */
async function runUntilClosed(also: (storage: { close(): void }) => void) {
  const { s3, systems } = targetOf(lab)
  using storage = await startTcpProxy(new URL(s3.endpoint))
  await using proxy = await startHttpProxy(systems.tempo.http as string, async (asked, forward) => {
    if (!isQueryById(asked)) return await forward()
    proxy.close()
    also(storage)
    throw new Error('closed')
  })
  const ended = await run(['tempo-mimir.006.1'], 0.05, target => {
    target.systems.tempo.http = proxy.url
    target.s3.endpoint = `https://${storage.host}`
  })
  return { ended, code: ended.code, report: readReport(ended) }
}

async function makeBucket(name: string): Promise<void> {
  const { s3 } = targetOf(lab)
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: s3.region ?? 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: lab.environment.LAB_S3_ADMINISTRATION_ACCESS_KEY_ID ?? '',
      secretAccessKey: lab.environment.LAB_S3_ADMINISTRATION_SECRET_ACCESS_KEY ?? '',
    },
    requestHandler: { httpsAgent: new Agent({ ca: readFileSync(s3.caFile ?? '') }) },
  })
  await client.send(new CreateBucketCommand({ Bucket: name }))
  client.destroy()
}
