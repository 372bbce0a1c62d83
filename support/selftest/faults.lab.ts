import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { LabProcess } from '../drivers/lab-process.ts'
import { Bucket } from '../drivers/object-storage.ts'
import { sendOverGrpc, sendRawOverGrpc } from '../drivers/otlp-grpc.ts'
import { Tempo } from '../drivers/tempo.ts'
import { checkCertificate } from '../drivers/tls.ts'
import { namesRefusedCredentials, noStorageErrors } from '../expectations/log.ts'
import { tempoLog } from '../expectations/tempo-log.ts'
import { wholeTrace } from '../expectations/traces.ts'
import { freePorts } from '../lab/ports.ts'
import { loadTarget } from '../target/load.ts'
import { simpleTrace } from '../traces/simple-trace.ts'
import type { Trace } from '../traces/trace.ts'
import { ruleFault, tempoFault } from './fault.ts'
import { printed, readReport, verdictsOf } from './run-report.ts'
import { useTestLab } from './test-lab.ts'
import { until } from './until.ts'

/** Faults of each kind, in the lab's real servers and before them: what comes of them, and that nothing is left of them. */
const { surroundings, lab } = useTestLab()
const target = () => loadTarget(lab().targetFile, lab().environment)
afterEach(async () => await lab().restore())

const soon = () => AbortSignal.timeout(10_000)
const tempoSystem = () => target().systems.tempo ?? assert.fail('no tempo')
const storage = () => target().s3 ?? assert.fail('no s3')
const tempo = () => new Tempo(tempoSystem())
const workload = () => new LabProcess(tempoSystem().workload as { socket: string; name: string })
const newTrace = () => simpleTrace({ run: 'selftest', scenario: 'faults' })

async function send(trace: Trace = newTrace()): Promise<Trace> {
  await sendOverGrpc(tempoSystem().otlpGrpc, trace, soon())
  return trace
}

async function untilWhole(trace: Trace, ask: (tempo: Tempo) => Promise<{ value: Trace | undefined }>): Promise<void> {
  await until(`trace ${trace.traceId}`, 10_000, async () => {
    try {
      wholeTrace(trace)((await ask(tempo())).value)
      return true
    } catch {
      return false
    }
  })
}

const untilFound = (trace: Trace) => untilWhole(trace, one => one.traceById(trace.traceId, soon()))
const untilStored = (trace: Trace) => untilWhole(trace, one => one.traceFromBlocks(trace.traceId, soon()))
const isFound = async ({ traceId }: Trace) => (await tempo().traceById(traceId, soon())).value !== undefined

test('a span that is dropped from a push over gRPC never reaches Tempo, which acknowledges the push all the same', async () => {
  const refusal = await sendRawOverGrpc(tempoSystem().otlpGrpc, Buffer.from('no message'), soon())
  assert.notEqual(refusal.status, 'OK')
  const drop = { drop: 'resourceSpans.-1.scopeSpans.-1.spans.-1' }
  await lab().apply(ruleFault({ at: 'tempo.otlp-grpc', when: { body: 'checkout' }, do: { request: [drop] } }))
  const trace = await send()
  await untilFound({ ...trace, spans: trace.spans.slice(0, -1) })
  // The status of a call is in its trailers, or where it failed in its headers: both come through as they were.
  const same = await sendRawOverGrpc(tempoSystem().otlpGrpc, Buffer.from('no message'), soon())
  assert.deepEqual([same.status, same.message], [refusal.status, refusal.message])
  assert.deepEqual(await lab().strikes(), [1])
})

test('a push that is acknowledged and discarded is lost, and the next one is not', async () => {
  await lab().apply(ruleFault({ at: 'tempo.otlp-grpc', timing: { times: 1 }, do: { answer: { grpcStatus: 0 } } }))
  const lost = await send()
  await untilFound(await send())
  assert.equal(await isFound(lost), false)
  assert.deepEqual(await lab().strikes(), [1])
})

test('an object that is missing from the listings of the suite is there for Tempo, and an inverted byte is one', async () => {
  const open = () => new Bucket(storage(), tempoSystem().bucket)
  const listed = async (bucket: Bucket) =>
    (await bucket.list('single-tenant/', soon())).value.objects.map(({ key }) => key)
  await untilStored(await send())
  using unhurt = open()
  const data = (await listed(unhurt)).find(key => key.endsWith('/data.parquet')) ?? assert.fail('no block')
  const bytes = (await unhurt.get(data, soon())).value ?? assert.fail('no object')

  const entry = '<Contents>(?:(?!</Contents>).)*data\\.parquet.*?</Contents>'
  await lab().apply(
    ruleFault(
      {
        at: 'minio.s3',
        when: { account: 'acceptance', path: 'list-type=2' },
        do: { response: [{ replace: entry, with: '', all: true }] },
      },
      {
        at: 'minio.s3',
        when: { account: 'acceptance', path: 'data\\.parquet' },
        do: { response: [{ invertByte: -10 }] },
      },
    ),
  )
  // The connections of before are cut off, and one of them may be tried before that is known.
  using struck = open()
  const now = await listed(struck)
  assert.deepEqual([now.length > 0, now.some(key => key.endsWith('/data.parquet'))], [true, false])
  const other = (await struck.get(data, soon())).value ?? assert.fail('no object')
  const expected = Buffer.from(bytes)
  expected[bytes.length - 10] = (bytes.at(-10) ?? 0) ^ 0xff
  assert.ok(other.equals(expected))
  // Tempo sees a new block only when it has listed the bucket anew.
  await untilStored(await send())
  assert.deepEqual(await lab().strikes(), [1, 1])
})

test('a certificate that has expired does not verify, to the suite and to Tempo', async () => {
  const { endpoint, ca } = storage()
  const check = async () => (await checkCertificate(endpoint, ca, soon())).value
  assert.equal((await check()).verified, true)
  await lab().apply(ruleFault({ at: 'minio.s3', do: { certificate: 'expired' } }))
  const since = new Date()
  const { verified, reason } = await check()
  assert.equal(verified, false)
  assert.equal(reason, 'CERT_HAS_EXPIRED')
  await until('Tempo has met it', 10_000, async () => {
    const { value: lines } = await workload().log(since, soon())
    return lines.some(line => /x509: certificate has expired/.test(line))
  })
  await lab().restore()
  assert.equal((await check()).verified, true)
  // Whoever reads the log of Tempo's start reads nothing of the fault.
  const { value: status } = await workload().status(soon())
  noStorageErrors(tempoLog)((await workload().log(status.startedAt ?? assert.fail('no start'), soon())).value)
})

test('nobody can connect to a port that is refused, but the lab itself, and the others are open', async () => {
  await lab().apply(ruleFault({ at: 'tempo.http', do: { refuse: true } }))
  await assert.rejects(tempo().ready(soon()), { name: 'TransientError', message: /nothing listens there/ })
  assert.equal((await workload().status(soon())).value.ready, true)
  const trace = await send()
  assert.deepEqual(await lab().strikes(), [1])
  await lab().restore()
  await untilFound(trace)
})

test('a Tempo with another bucket works well with it, and after that again with its own', async () => {
  const elsewhere = 'tempo-traces-elsewhere'
  await lab().apply(tempoFault({ configuration: { 'storage.trace.s3.bucket': elsewhere } }))
  assert.equal((await tempo().configuration(soon())).value.storage.s3?.bucket, elsewhere)
  const trace = await send()
  await untilStored(trace)

  await lab().restore()
  assert.equal((await tempo().configuration(soon())).value.storage.s3?.bucket, tempoSystem().bucket)
  assert.equal(await isFound(trace), false)
  await untilFound(await send())
})

test('a Tempo on another port runs well, and nobody finds it', async () => {
  const [port = 0] = await freePorts(1)
  await lab().apply(tempoFault({ configuration: { 'server.http_listen_port': port } }))
  assert.equal((await workload().status(soon())).value.ready, true)
  await assert.rejects(tempo().ready(soon()), { name: 'TransientError' })
})

/** Not every write: Tempo's list of its blocks, which it writes when it starts, must get through. */
const keepsBlocksLocal = {
  at: 'minio.s3',
  when: { account: 'tempo', method: 'PUT', path: '/data\\.parquet' },
  do: { answer: { status: 503 } },
} as const

test('a write-ahead log that is lost at a restart is lost, and one that is not is not', async () => {
  const restart = async () => {
    const trace = await send()
    await untilFound(trace)
    // A trace is in the write-ahead log at the second look, half a second apart, after its last span at the latest.
    await pause(1_500)
    await until('the trace in the write-ahead log', 10_000, async () => {
      const { value } = await tempo().metrics(soon())
      return value.some(({ name, value: live }) => name === 'tempo_ingester_live_traces' && live === 0)
    })
    const { value: old } = await workload().status(soon())
    await workload().kill(soon())
    await until('the next life', 10_000, async () => {
      const { value: status } = await workload().status(soon())
      return status.ready && status.incarnation !== old.incarnation
    })
    return trace
  }
  await lab().apply(ruleFault(keepsBlocksLocal))
  const kept = await restart()
  await untilFound(kept)
  await lab().apply(tempoFault({ loses: ['wal', 'blocks'] }, keepsBlocksLocal))
  const lost = await restart()
  assert.deepEqual([await isFound(kept), await isFound(lost)], [false, false])
})

test('a Tempo that stays down stays down until it is restored', async () => {
  await lab().apply(tempoFault({ staysDown: true }))
  assert.equal((await workload().status(soon())).value.ready, true)
  await workload().kill(soon())
  await until('its end', 5_000, async () => /: down/.test((await workload().status(soon())).value.description))
  await assert.rejects(workload().kill(soon()), /409 .*tempo is down/)
  await lab().restore()
  assert.equal((await workload().status(soon())).value.ready, true)
  assert.deepEqual(lab().incidents(), [])
})

test('a Tempo with keys that are not known is not waited for, and its log says why', async () => {
  const since = new Date()
  await lab().apply(tempoFault({ configuration: { 'storage.trace.s3.access_key': 'revoked' } }))
  assert.equal((await workload().status(soon())).value.ready, false)
  namesRefusedCredentials(tempoLog)((await workload().log(since, soon())).value)
})

test('when every fault is taken back, the promises are kept, and the log of the last start tells of no trouble', async () => {
  const { value: status } = await workload().status(soon())
  assert.equal(status.ready, true)
  const ids = ['003.8', '005.2', '006.1', '006.6'].map(number => `tempo-mimir.${number}`)
  const options = ['--target', lab().targetFile, ...ids.flatMap(id => ['--requirement', id])]
  const ended = await surroundings.accept(options, lab().environment).ended
  assert.equal(ended.code, 0, printed(ended))
  const verdicts = verdictsOf(readReport(ended))
  assert.deepEqual(
    ids.map(id => verdicts[id]),
    ids.map(() => 'satisfied'),
    printed(ended),
  )
  noStorageErrors(tempoLog)((await workload().log(status.startedAt ?? assert.fail('no start'), soon())).value)
})
