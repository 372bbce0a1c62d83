import { defineParameterType, Then, When } from '@cucumber/cucumber'
import type { MetricStore } from '../support/drivers/metric-store.ts'
import { tenantFor } from '../support/drivers/mimir.ts'
import {
  compressed,
  encodeRequest2,
  encodeWriteRequest,
  type WriteAnswer,
  type WriteVersion,
} from '../support/drivers/remote-write.ts'
import { framed } from '../support/drivers/snappy-frames.ts'
import { NotApplicable, Undetermined, Unmet } from '../support/errors.ts'
import { refusedWithCause, statusIs } from '../support/expectations/answers.ts'
import { exactlyTheseHistograms } from '../support/expectations/histograms.ts'
import { exactlyTheseSeries } from '../support/expectations/series.ts'
import { probeHistograms } from '../support/metrics/probe-histograms.ts'
import { everyKindOfNumber, lastWithAnotherValue, newMetricName, probeSeries } from '../support/metrics/probe-series.ts'
import { type Series, sorted } from '../support/metrics/series.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { mimirSystem, prometheusStoreOf, storeOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { answerOf, type RawWrite, sendBytes } from './raw-writes.ts'
import { selectorOf, windowOf } from './writes.ts'

/** What the Remote-Write 1.0 specification asks of receivers; each takes writes and answers queries. */

const notFound = 404
const unsupportedMediaType = 415

interface Receiver {
  readonly name: string
  store(world: AcceptanceWorld): MetricStore
}

const receivers: readonly Receiver[] = [
  { name: 'Mimir', store: ({ run, probe }) => storeOf(run, tenantFor(mimirSystem(run), probe)) },
  { name: 'Prometheus', store: ({ run }) => prometheusStoreOf(run) },
]

defineParameterType({
  name: 'receiver',
  regexp: new RegExp(receivers.map(({ name }) => name).join('|')),
  transformer: (name: string): Receiver => {
    const found = receivers.find(each => each.name === name)
    if (found === undefined) throw new RangeError(`no receiver is called ${name}`)
    return found
  },
})

/** A request that was sent to a receiver, and what it said. */
interface Asked extends RawWrite {
  readonly receiver: Receiver
  /** What must be there after it. */
  readonly series: readonly Series[]
}

const sentOf = scenarioState<AcceptanceWorld, { sent?: Asked }>(() => ({}))

function sentTo(world: AcceptanceWorld): Asked {
  const { sent } = sentOf(world)
  if (sent === undefined) throw new Undetermined('the scenario has sent no request', 'harness')
  return sent
}

async function send(
  world: AcceptanceWorld,
  receiver: Receiver,
  body: Uint8Array,
  series: readonly Series[] = [],
  version: WriteVersion = '1.0',
): Promise<void> {
  const sent = await sendBytes(world.run, receiver.store(world).place, body, version)
  const { request, answer } = sent
  if (!(answer instanceof Error) && answer.status === notFound)
    throw new NotApplicable(`${receiver.name} takes no remote writes (${request}: 404)`)
  if (version === '2.0' && !(answer instanceof Error) && answer.status === unsupportedMediaType)
    throw new NotApplicable(`${receiver.name} takes no remote writes of version 2.0 (${request}: 415)`)
  sentOf(world).sent = { ...sent, receiver, series }
}

/** Judges what was answered. */
async function judge(world: AcceptanceWorld, expect: (answer: WriteAnswer) => void): Promise<void> {
  const sent = sentTo(world)
  const { request, elapsedMs: timeToTrueMs } = sent
  await world.judge({ after: 'the write' }, [{ request, timeToTrueMs, check: () => expect(answerOf(sent)) }])
}

/** Accepts an answer with a status of one class: 2 is success, 4 a refusal. */
const isOfClass =
  (wanted: 2 | 4) =>
  ({ status, message }: WriteAnswer): void => {
    if (Math.floor(status / 100) !== wanted)
      throw new Unmet(`status ${status}, not ${wanted}xx: ${message.slice(0, 200)}`)
  }

/** Several series of one metric, and in one of them every kind of number. */
function goodSeries({ probe }: AcceptanceWorld): Series[] {
  const metric = newMetricName()
  const numbers = everyKindOfNumber({ ...probe, metric })
  return [...numbers, ...probeSeries({ ...probe, metric, series: 3, samples: 4 }).slice(1)]
}

When('a good remote write request is sent to {receiver}', async function (this: AcceptanceWorld, receiver: Receiver) {
  const series = goodSeries(this)
  await send(this, receiver, await compressed(encodeWriteRequest(series)), series)
})

When(
  'a good remote write 2.0 request is sent to {receiver}',
  async function (this: AcceptanceWorld, receiver: Receiver) {
    const histograms = probeHistograms(this.probe, 'exponential ones with negative and zero buckets', 3)
    const series = [...goodSeries(this), histograms]
    await send(this, receiver, await compressed(encodeRequest2(series)), series, '2.0')
  },
)

When(
  'a remote write request with fields of a later version is sent to {receiver}',
  async function (this: AcceptanceWorld, receiver: Receiver) {
    const series = goodSeries(this)
    // Field 15, which no version has yet, of 5 bytes.
    const later = Buffer.from([0x7a, 0x05, ...Buffer.from('later')])
    await send(this, receiver, await compressed(Buffer.concat([encodeWriteRequest(series), later])), series)
  },
)

Then('it is acknowledged with a status of 2xx', async function (this: AcceptanceWorld) {
  await judge(this, isOfClass(2))
})

Then('every sample of it is returned', async function (this: AcceptanceWorld) {
  const sent = sentTo(this)
  const series = sent.series.filter(({ samples }) => samples.length > 0)
  const store = sent.receiver.store(this)
  await this.eventually(
    { after: 'the write' },
    { ask: signal => store.samples(selectorOf(series), windowOf(series), signal), expect: exactlyTheseSeries(series) },
  )
})

Then('every native histogram of it is returned', async function (this: AcceptanceWorld) {
  const sent = sentTo(this)
  const series = sent.series.filter(({ histograms = [] }) => histograms.length > 0)
  const store = sent.receiver.store(this)
  const ask = (signal: AbortSignal) => store.histograms(selectorOf(series), windowOf(series), signal)
  await this.eventually({ after: 'the write' }, { ask, expect: exactlyTheseHistograms(series) })
})

Then('the answer tells how many samples and histograms were written', async function (this: AcceptanceWorld) {
  const { series } = sentTo(this)
  const samples = series.flatMap(each => each.samples).length
  const histograms = series.flatMap(each => each.histograms ?? []).length
  await judge(this, answer => {
    isOfClass(2)(answer)
    const { written } = answer
    if (written === undefined) throw new Unmet('no header tells how much was written')
    if (written.samples !== samples || written.histograms !== histograms)
      throw new Unmet(
        `it tells of ${written.samples} samples and ${written.histograms} histograms, not of ${samples} and ${histograms}`,
      )
  })
})

Then('the answer has no body', async function (this: AcceptanceWorld) {
  await judge(this, answer => {
    isOfClass(2)(answer)
    const { message } = answer
    if (message !== '') throw new Unmet(`the body is "${message.slice(0, 200)}"`)
  })
})

/** What a receiver can never take, as the bytes that are sent; other samples of the scenario are there already. */
const badRequests = {
  'a series with a repeated label name': async world => {
    const [series] = probeSeries(world.probe)
    return await compressed(withLabels(series, [...labelsOf(series), ['place', 'somewhere else']]))
  },
  'a series with a label that has no name': async world => {
    const [series] = probeSeries(world.probe)
    return await compressed(withLabels(series, [['', 'nameless'], ...labelsOf(series)]))
  },
  'a body that is not compressed': async world => encodeWriteRequest(probeSeries(world.probe)),
  "a body in snappy's framed format": async world => framed(encodeWriteRequest(probeSeries(world.probe))),
  'a body that is no protobuf': async () => await compressed(Buffer.from('{"timeseries": []}')),
} as const satisfies Record<string, (world: AcceptanceWorld) => Promise<Uint8Array>>

function labelsOf(series: Series | undefined): [string, string][] {
  return sorted(series?.labels ?? {})
}

/** A WriteRequest of one series with exactly these labels: names may come twice, or be empty. */
function withLabels(series: Series | undefined, labels: readonly (readonly [string, string])[]): Uint8Array {
  return encodeWriteRequest([{ labels: {}, samples: series?.samples ?? [] }], [labels])
}

defineParameterType({
  name: 'unacceptable',
  regexp: new RegExp(Object.keys(badRequests).join('|')),
  transformer: (name: string) => badRequests[name as keyof typeof badRequests],
})

When(
  '{unacceptable} is sent to {receiver}',
  async function (this: AcceptanceWorld, body: (world: AcceptanceWorld) => Promise<Uint8Array>, receiver: Receiver) {
    await send(this, receiver, await body(this))
  },
)

When(
  'a sample is sent to {receiver} twice, with two values',
  async function (this: AcceptanceWorld, receiver: Receiver) {
    const series = probeSeries({ ...this.probe, samples: 2 })
    await send(this, receiver, await compressed(encodeWriteRequest(series)), series)
    const first = answerOf(sentTo(this))
    if (first.status > 299)
      throw new Undetermined(`a good sample was answered with ${first.status}: ${first.message}`, 'environment')
    await send(this, receiver, await compressed(encodeWriteRequest(lastWithAnotherValue(series))), series)
  },
)

Then('it is refused with status {int}', async function (this: AcceptanceWorld, status: number) {
  await judge(this, statusIs(status))
})

Then('it is refused with a status of 4xx', async function (this: AcceptanceWorld) {
  await judge(this, isOfClass(4))
})

Then('the refusal says why, in words', async function (this: AcceptanceWorld) {
  await judge(this, refusedWithCause)
})
