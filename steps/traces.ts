import { randomInt } from 'node:crypto'
import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { now } from '../support/eventually.ts'
import { wholeTrace } from '../support/expectations/traces.ts'
import { learn, prepare } from '../support/prepare.ts'
import { scenarioState } from '../support/scenario-state.ts'
import { tempoOf } from '../support/systems.ts'
import type { Encoding } from '../support/traces/encoding.ts'
import { pairwiseTraces } from '../support/traces/pairwise-traces.ts'
import { batches, simpleTrace } from '../support/traces/simple-trace.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { type AcknowledgedPush, type Push, push } from './pushes.ts'
import { acknowledged, allAcknowledged, judgedSent } from './sent.ts'

/** The traces of a scenario, in the order in which they were sent. */
export const tracesOf = scenarioState<AcceptanceWorld, { pushes: Push[] }>(() => ({ pushes: [] }))

/** The acknowledged traces of a scenario. @throws Undetermined where it has none, or one was not acknowledged */
export function acknowledgedTraces(world: AcceptanceWorld): [AcknowledgedPush, ...AcknowledgedPush[]] {
  return allAcknowledged(tracesOf(world).pushes, 'trace')
}

defineParameterType({
  name: 'transport',
  regexp: /gRPC|HTTP/,
  transformer: (name: string): Encoding => (name === 'gRPC' ? 'gRPC' : 'HTTP protobuf'),
})

async function sendSimple(
  world: AcceptanceWorld,
  count: number,
  spans: number,
  encoding: Encoding = 'gRPC',
): Promise<void> {
  const traces = Array.from({ length: count }, () => simpleTrace({ ...world.probe, spans }))
  tracesOf(world).pushes.push(...(await Promise.all(traces.map(trace => push(world.run, trace, encoding)))))
}

async function sendPairwise(world: AcceptanceWorld): Promise<void> {
  const ask = (signal: AbortSignal) => tempoOf(world.run).configuration(signal)
  const configuration = await learn(world.run, "Tempo's configuration", ask)
  const seed = randomInt(2 ** 31)
  world.log(`the combinations were drawn with seed ${seed}`)
  const payloads = pairwiseTraces({ ...world.probe, seed, maxAttributeBytes: configuration.maxAttributeBytes })
  for (const { trace, encoding } of payloads) tracesOf(world).pushes.push(await push(world.run, trace, encoding))
}

When(
  'a trace of {int} spans is sent over OTLP {transport}',
  async function (this: AcceptanceWorld, spans: number, encoding: Encoding) {
    await sendSimple(this, 1, spans, encoding)
  },
)

When(
  "a trace of {int} spans is sent by OpenTelemetry's own exporter",
  async function (this: AcceptanceWorld, spans: number) {
    const trace = simpleTrace({ ...this.probe, spans })
    tracesOf(this).pushes.push(await push(this.run, trace, 'OpenTelemetry exporter'))
  },
)

Given('an acknowledged trace of {int} spans', async function (this: AcceptanceWorld, spans: number) {
  await sendSimple(this, 1, spans)
  acknowledgedTraces(this)
})

Given(
  '{int} acknowledged traces of {int} spans that Tempo can find',
  async function (this: AcceptanceWorld, count: number, spans: number) {
    await sendSimple(this, count, spans)
    await awaitFindable(this)
  },
)

Given(
  'an acknowledged trace of {int} spans that Tempo can find',
  async function (this: AcceptanceWorld, spans: number) {
    await sendSimple(this, 1, spans)
    await awaitFindable(this)
  },
)

Given(
  'an acknowledged trace of {int} spans that was sent in {int} batches',
  async function (this: AcceptanceWorld, spans: number, parts: number) {
    const trace = simpleTrace({ ...this.probe, spans })
    for (const batch of batches(trace, parts)) acknowledged(await push(this.run, batch, 'gRPC'))
    tracesOf(this).pushes.push({
      trace,
      sender: 'gRPC',
      request: `${parts} batches`,
      elapsedMs: 0,
      acknowledgedAt: now(),
    })
  },
)

When('traces that combine every two features of a span are sent', async function (this: AcceptanceWorld) {
  await sendPairwise(this)
})

Given('acknowledged traces that combine every two features of a span', async function (this: AcceptanceWorld) {
  await sendPairwise(this)
  acknowledgedTraces(this)
})

async function acknowledgedWithin(world: AcceptanceWorld, deadlineMs: number): Promise<void> {
  await world.judge({ deadlineMs, after: 'the push' }, tracesOf(world).pushes.map(judgedSent))
}

Then('Tempo acknowledges it within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  await acknowledgedWithin(this, deadlineMs)
})

Then('Tempo acknowledges each of them within {duration}', async function (this: AcceptanceWorld, deadlineMs: number) {
  await acknowledgedWithin(this, deadlineMs)
})

async function awaitFindable(world: AcceptanceWorld): Promise<void> {
  for (const { trace, acknowledgedAt } of acknowledgedTraces(world)) {
    const ask = (signal: AbortSignal) => tempoOf(world.run).traceById(trace.traceId, signal)
    await prepare(
      world.run,
      'Tempo does not answer for an acknowledged trace',
      { ask, expect: wholeTrace(trace) },
      { since: acknowledgedAt },
    )
  }
}
