import { defineParameterType, Given, Then, When } from '@cucumber/cucumber'
import { compressed, encodeWriteRequest } from '../support/drivers/remote-write.ts'
import { NotApplicable, Undetermined } from '../support/errors.ts'
import { exactlyTheseExemplars } from '../support/expectations/exemplars.ts'
import { exactlyTheseHistograms } from '../support/expectations/histograms.ts'
import { inOrderOfTime, noSeries, oneSampleOf } from '../support/expectations/series.ts'
import { type HistogramProbe, histogramKinds, probeHistograms } from '../support/metrics/probe-histograms.ts'
import { lastWithAnotherValue, newMetricName, probeSeries, withExemplars } from '../support/metrics/probe-series.ts'
import type { Series } from '../support/metrics/series.ts'
import { inTurn } from '../support/questions.ts'
import { storeOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { mimirConfiguration } from './configurations.ts'
import { judgedSent } from './sent.ts'
import { acknowledgedWrites, send, writesOf } from './series.ts'
import { sendBad } from './write-refusals.ts'
import { histogramsOf, samplesOf, selectorOf, type Write, windowOf } from './writes.ts'

const minuteMs = 60_000
/** Between the last sample and the marker, and between the marker and the time that is asked for after it. */
const staleStepMs = 5_000

// ---- Staleness

Given('an acknowledged series that a staleness marker has ended', async function (this: AcceptanceWorld) {
  const endMs = Date.now() - staleStepMs
  const [series] = probeSeries({ ...this.probe, samples: 3, lastMs: endMs - staleStepMs })
  if (series === undefined) throw new Undetermined('a probe has a series', 'harness')
  const marker = { timestampMs: endMs, value: Number.NaN, stale: true as const }
  await send(this, [{ ...series, samples: [...series.samples, marker] }])
  acknowledgedWrites(this)
})

Then(
  'Mimir answers with it at a time before the marker, and with nothing after it',
  async function (this: AcceptanceWorld) {
    const [{ series, tenant }] = acknowledgedWrites(this)
    const samples = series[0]?.samples ?? []
    const [last, marker] = samples.slice(-2)
    if (last === undefined || marker === undefined) throw new Undetermined('the series has no marker', 'harness')
    const store = storeOf(this.run, tenant)
    const at = (timeMs: number) => (signal: AbortSignal) => store.instant(selectorOf(series), timeMs, signal)
    await this.eventually(
      { after: 'the acknowledgement' },
      inTurn([
        { ask: at(marker.timestampMs - 1), expect: oneSampleOf(series, last.value) },
        { ask: at(marker.timestampMs + staleStepMs), expect: noSeries },
      ]),
    )
  },
)

// ---- The order of samples, and samples that come twice

/** Samples that are as late as this when they come. */
const latenessMs = 2 * minuteMs

When('samples are sent of which the older ones come last', async function (this: AcceptanceWorld) {
  const { outOfOrderWindowMs } = await mimirConfiguration(this.run)
  if (outOfOrderWindowMs < latenessMs + minuteMs)
    throw new NotApplicable(`Mimir takes no samples that are ${latenessMs / minuteMs} minutes late`)
  const metric = newMetricName()
  const young = probeSeries({ ...this.probe, metric, samples: 3 })
  const old = probeSeries({ ...this.probe, metric, samples: 4, lastMs: Date.now() - latenessMs })
  await send(this, young)
  await send(this, old)
})

When(
  '{int} series of {int} samples are sent twice',
  async function (this: AcceptanceWorld, series: number, samples: number) {
    const probe = probeSeries({ ...this.probe, series, samples })
    await send(this, probe)
    await send(this, probe)
  },
)

When('their last samples are sent again with another value', async function (this: AcceptanceWorld) {
  const [{ series }] = acknowledgedWrites(this)
  await sendBad(this, await compressed(encodeWriteRequest(lastWithAnotherValue(series))), /duplicate|same timestamp/i)
})

Then('Mimir acknowledges each of these writes', async function (this: AcceptanceWorld) {
  await this.judge({ after: 'the write' }, writesOf(this).writes.map(judgedSent))
})

Then('Mimir answers with all of these samples in the order of time', async function (this: AcceptanceWorld) {
  const written = together(acknowledgedWrites(this))
  await this.eventually(
    { after: 'the acknowledgement' },
    { ask: samplesOf(this.run, written), expect: inOrderOfTime(written.series) },
  )
})

/** What several writes of the same series come to: every sample once, the oldest first. */
function together([first, ...others]: readonly [Write, ...Write[]]): Write {
  const series = first.series.map(({ labels, samples }, index): Series => {
    const all = new Map(samples.map(sample => [sample.timestampMs, sample]))
    for (const other of others)
      for (const sample of other.series[index]?.samples ?? []) all.set(sample.timestampMs, sample)
    return { labels, samples: [...all.values()].sort((one, other) => one.timestampMs - other.timestampMs) }
  })
  return { ...first, series }
}

// ---- Exemplars

Given(
  '{int} acknowledged series of {int} samples, each with an exemplar',
  async function (this: AcceptanceWorld, series: number, samples: number) {
    const { mostExemplars } = await mimirConfiguration(this.run)
    if (mostExemplars === 0) throw new NotApplicable('Mimir keeps no exemplars (max_global_exemplars_per_user)')
    await send(this, withExemplars(probeSeries({ ...this.probe, series, samples })))
    acknowledgedWrites(this)
  },
)

Then('Mimir answers with each exemplar, its labels, value and time', async function (this: AcceptanceWorld) {
  const [{ series, tenant }] = acknowledgedWrites(this)
  const store = storeOf(this.run, tenant)
  const ask = (signal: AbortSignal) => store.exemplars(selectorOf(series), windowOf(series), signal)
  await this.eventually({ after: 'the acknowledgement' }, { ask, expect: exactlyTheseExemplars(series) })
})

// ---- Native histograms

defineParameterType({
  name: 'histograms',
  regexp: new RegExp(Object.keys(histogramKinds).join('|')),
  transformer: (name: string): HistogramProbe => name as HistogramProbe,
})

Given(
  '{int} acknowledged native histograms: {histograms}',
  async function (this: AcceptanceWorld, count: number, what: HistogramProbe) {
    const { nativeHistograms } = await mimirConfiguration(this.run)
    if (!nativeHistograms) throw new NotApplicable('Mimir takes no native histograms')
    await send(this, [probeHistograms(this.probe, what, count)])
    acknowledgedWrites(this)
  },
)

Then('Mimir answers with their sums and every bucket', async function (this: AcceptanceWorld) {
  const [written] = acknowledgedWrites(this)
  await this.eventually(
    { after: 'the acknowledgement' },
    { ask: histogramsOf(this.run, written), expect: exactlyTheseHistograms(written.series) },
  )
})
