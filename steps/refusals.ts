import { defineParameterType, Then, When } from '@cucumber/cucumber'
import { sendRawOverGrpc } from '../support/drivers/otlp-grpc.ts'
import { type PushAnswer, sendRawOverHttp } from '../support/drivers/otlp-http.ts'
import { sumOf } from '../support/drivers/prometheus-text.ts'
import { withTenant } from '../support/drivers/tempo.ts'
import { NotApplicable, RequestError, TransientError, Undetermined, Unmet } from '../support/errors.ts'
import { refusedWithCause } from '../support/expectations/answers.ts'
import { grewBy } from '../support/expectations/metrics.ts'
import { wholeTrace } from '../support/expectations/traces.ts'
import { learn, prepare } from '../support/prepare.ts'
import type { Run } from '../support/run.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { tempoOf, tempoSystem } from '../support/systems.ts'
import type { Encoding } from '../support/traces/encoding.ts'
import { largeTrace } from '../support/traces/large-trace.ts'
import { batches, simpleTrace } from '../support/traces/simple-trace.ts'
import type { Trace } from '../support/traces/trace.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type Push, push } from './pushes.ts'
import { acknowledged, judgedSent } from './sent.ts'
import { tracesOf } from './traces.ts'

/** No receiver takes a message of this size: 4 MiB are gRPC's limit, 20 MiB that of the collector's HTTP server. */
const oversizedBytes = 64 * 2 ** 20
/** A push that hangs longer is given up. */
const longestPushMs = 30_000
/** How long Tempo is watched for a trace that must not be there. */
const absenceWindowMs = 2_000
/** About 2 MB a push, half of what gRPC receivers take by default. */
const spansPerPush = 1_500
const discardedSpans = 'tempo_discarded_spans_total'
const tooLarge = { reason: 'trace_too_large' }

const payloads = {
  // Field 1 (resource_spans) says that it is 5 bytes long, and the message ends.
  'a malformed payload': () => new Uint8Array([0x0a, 0x05, 0xff]),
  'an oversized payload': () => new Uint8Array(oversizedBytes).fill(0x0a),
} as const

defineParameterType({
  name: 'payload',
  regexp: /a malformed payload|an oversized payload/,
  transformer: (name: string) => payloads[name as keyof typeof payloads](),
})

const answerOf = scenarioState<AcceptanceWorld, { sent?: RawPush; encoding?: Encoding }>(() => ({}))

When(
  '{payload} is sent over OTLP {transport}',
  async function (this: AcceptanceWorld, payload: Uint8Array, encoding: Encoding) {
    Object.assign(answerOf(this), { sent: await pushRaw(this.run, payload, encoding), encoding })
  },
)

Then('Tempo refuses it with an error that describes the cause', async function (this: AcceptanceWorld) {
  const { sent } = answerOf(this)
  if (sent === undefined) throw new Undetermined('the scenario has sent no payload', 'harness')
  const { request, elapsedMs, answer } = sent
  const check = () => {
    if (answer instanceof Error) throw answer
    refusedWithCause(answer)
  }
  await this.judge({ after: 'the push' }, [{ request, timeToTrueMs: elapsedMs, check }])
})

Then('Tempo accepts the next good trace', async function (this: AcceptanceWorld) {
  const { encoding = 'gRPC' } = answerOf(this)
  await this.judge({ after: 'the push' }, [judgedSent(await push(this.run, simpleTrace(this.probe), encoding))])
})

/** Bytes that were sent once, and what was said to them, or why nothing was. */
interface RawPush {
  readonly request: string
  readonly elapsedMs: number
  readonly answer: PushAnswer | TransientError | RequestError
}

async function pushRaw(run: Run, payload: Uint8Array, encoding: Encoding): Promise<RawPush> {
  const { otlpGrpc, otlpHttp, tenant } = tempoSystem(run)
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(longestPushMs)])
  const startedAt = performance.now()
  try {
    const answer =
      encoding === 'gRPC'
        ? await sendRawOverGrpc(withTenant(otlpGrpc, tenant), payload, signal)
        : await sendRawOverHttp(withTenant(otlpHttp, tenant), payload, 'application/x-protobuf', signal)
    return { request: answer.request, elapsedMs: answer.elapsedMs, answer }
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof RequestError)) throw error
    return { request: `OTLP ${encoding}`, elapsedMs: performance.now() - startedAt, answer: error }
  }
}

/** What became of a trace that is too large. */
const excessOf = scenarioState<AcceptanceWorld, { discardsBefore?: number | undefined; missing?: number }>(() => ({}))

When('a trace over the configured size limit is sent', async function (this: AcceptanceWorld) {
  const ask = (signal: AbortSignal) => tempoOf(this.run).configuration(signal)
  const configuration = await learn(this.run, "Tempo's configuration", ask)
  const { maxBytesPerTrace, maxAttributeBytes } = configuration
  if (maxBytesPerTrace === 0)
    throw new NotApplicable('Tempo sets no limit to the size of a trace (max_bytes_per_trace: 0)')
  excessOf(this).discardsBefore = await learn(this.run, "Tempo's count of discarded spans", signal =>
    discards(this.run, signal),
  )
  const trace = largeTrace(this.probe, maxBytesPerTrace, maxAttributeBytes)
  const parts = Math.ceil(trace.spans.length / spansPerPush)
  const sent: Push[] = []
  for (const batch of batches(trace, parts)) sent.push(await push(this.run, batch, 'gRPC'))
  const refused = sent.find(({ failure }) => failure !== undefined)
  tracesOf(this).pushes.push({ ...(refused ?? acknowledged(sent[0] as Push)), trace })
})

async function discards(run: Run, signal: AbortSignal) {
  const answer = await tempoOf(run).metrics(signal)
  return { ...answer, value: sumOf(answer.value, discardedSpans, tooLarge) }
}

Then('Tempo acknowledges it, and answers without the spans that are too much', async function (this: AcceptanceWorld) {
  const [sent] = tracesOf(this).pushes
  if (sent === undefined) throw new Undetermined('the scenario has sent no trace', 'harness')
  await this.judge({ after: 'the push' }, [judgedSent(sent)])
  const tempo = tempoOf(this.run)
  const later = acknowledged(await push(this.run, simpleTrace(this.probe), 'gRPC'))
  const control = async () => {
    const ask = (signal: AbortSignal) => tempo.traceById(later.trace.traceId, signal)
    await prepare(this.run, 'Tempo does not answer for a small trace that was sent later', {
      ask,
      expect: wholeTrace(later.trace),
    })
  }
  const expect = (stored: Trace | undefined) => {
    const missing = sent.trace.spans.length - (stored?.spans.length ?? 0)
    if (missing <= 0) throw new Unmet(`all ${sent.trace.spans.length} spans are there`)
    excessOf(this).missing = missing
  }
  await this.throughout(absenceWindowMs, control, {
    ask: signal => tempo.traceById(sent.trace.traceId, signal),
    expect,
  })
})

Then(
  "Tempo's discard counter tells of every missing span, as of too large a trace",
  async function (this: AcceptanceWorld) {
    const { discardsBefore, missing } = excessOf(this)
    if (missing === undefined) throw new Undetermined('no span of a too large trace is known to be missing', 'harness')
    await this.eventually(
      { after: 'the push' },
      { ask: signal => discards(this.run, signal), expect: grewBy(discardsBefore, missing) },
    )
  },
)
