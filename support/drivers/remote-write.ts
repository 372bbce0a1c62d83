import { compress } from 'snappy'
import { RequestError } from '../errors.ts'
import { asSeen, type NativeHistogram, spansOf } from '../metrics/native-histogram.ts'
import { type Exemplar, type Sample, type Series, sorted } from '../metrics/series.ts'
import { redact } from '../secret.ts'
import { type Acknowledgement, acknowledge } from './acknowledgement.ts'
import { excerpt, isSomebodyElses, request, urlOf } from './http.ts'
import type { MetricStorePlace } from './metric-store.ts'
import { requestType2, writeRequestType } from './remote-write-protobuf.ts'

/** By whose code the request is made: the suite's own, or the npm package prometheus-remote-write. */
export type Writer = 'remote write' | 'prometheus-remote-write'

/** The versions of the Prometheus Remote-Write specification. */
export type WriteVersion = '1.0' | '2.0'

/** Both specifications, "Protocol": these and the body's snappy block format. */
const headersOf = {
  '1.0': {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  '2.0': {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '2.0.0',
  },
} as const satisfies Record<WriteVersion, Record<string, string>>
const headers = headersOf['1.0']

let encoder: ReturnType<typeof writeRequestType> | undefined
let encoder2: ReturnType<typeof requestType2> | undefined

type WrittenLabels = readonly (readonly [name: string, value: string])[]

/**
 * A WriteRequest of these series in protobuf, not compressed; the bits of each value are kept.
 * @param labels in the place of those of each series, for what no series can have: names that are empty, or come twice
 */
export function encodeWriteRequest(series: readonly Series[], labels: readonly WrittenLabels[] = []): Uint8Array {
  encoder ??= writeRequestType('fixed64')
  const timeseries = series.map(({ labels: own, samples, histograms = [], exemplars = [] }, index) => ({
    labels: (labels[index] ?? sorted(own)).map(([name, value]) => ({ name, value })),
    samples: samples.map(sampleMessage),
    histograms: histograms.map(histogramMessage),
    exemplars: exemplars.map(exemplar => ({
      labels: sorted(exemplar.labels).map(([name, value]) => ({ name, value })),
      ...exemplarMessage(exemplar),
    })),
  }))
  return encoder.encode(encoder.fromObject({ timeseries })).finish()
}

/** The same series as a request of Remote-Write 2.0; each is told to be a gauge. */
export function encodeRequest2(series: readonly Series[]): Uint8Array {
  encoder2 ??= requestType2('fixed64')
  // The first symbol is the empty text (Remote-Write 2.0 specification, "Symbols").
  const symbols = new Map([['', 0]])
  const refTo = (text: string): number => {
    const ref = symbols.get(text) ?? symbols.size
    symbols.set(text, ref)
    return ref
  }
  const refsTo = (labels: Series['labels']) => sorted(labels).flat().map(refTo)
  const metadata = { type: gaugeType, helpRef: refTo('Written by an acceptance run.'), unitRef: 0 }
  const timeseries = series.map(({ labels, samples, histograms = [], exemplars = [] }) => ({
    labelsRefs: refsTo(labels),
    samples: samples.map(sampleMessage),
    histograms: histograms.map(histogramMessage),
    exemplars: exemplars.map(exemplar => ({ labelsRefs: refsTo(exemplar.labels), ...exemplarMessage(exemplar) })),
    metadata,
  }))
  return encoder2.encode(encoder2.fromObject({ symbols: [...symbols.keys()], timeseries })).finish()
}

/**
 * Writes series once, without a retry.
 * @throws TransientError when nothing answered, or 429 or 5xx did; RequestError when it was refused, with the text that said why
 */
export async function writeSeries(
  place: MetricStorePlace,
  series: readonly Series[],
  writer: Writer,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  if (writer === 'prometheus-remote-write') return await writeByPackage(place, series, signal)
  const { write, pushPath } = place
  const body = await compressed(encodeWriteRequest(series))
  const started = performance.now()
  const answer = await request(write, { method: 'POST', path: pushPath, headers, body, signal })
  return acknowledge(`${answer.request}, answered ${answer.status}`, started)
}

async function writeByPackage(
  { write, pushPath }: MetricStorePlace,
  series: readonly Series[],
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const { pushTimeseries } = await import('prometheus-remote-write')
  const started = performance.now()
  let failure: unknown
  let asked = ''
  await pushTimeseries(
    series.map(({ labels, samples }) => ({
      // The package leaves the order of labels, which the protocol asks for, to its user.
      labels: Object.fromEntries(sorted(labels)) as { __name__: string },
      samples: samples.map(({ timestampMs, value }) => ({ timestamp: timestampMs, value })),
    })),
    {
      url: urlOf(write, pushPath).href,
      fetch: async (_, init) => {
        try {
          const answer = await request(write, {
            method: 'POST',
            path: pushPath,
            // It names neither the compression nor the version.
            headers: { ...headers, ...init?.headers },
            body: new Uint8Array(init?.body ?? new ArrayBuffer(0)),
            signal,
          })
          asked = `${answer.request}, answered ${answer.status} (prometheus-remote-write)`
          return { status: answer.status, statusText: '', text: async () => answer.body.toString('utf8') }
        } catch (error) {
          failure = error
          return { status: 0, statusText: '', text: async () => '' }
        }
      },
    },
  )
  if (failure !== undefined) throw failure
  return acknowledge(asked, started)
}

/** What a receiver answered to a push, not judged. */
export interface WriteAnswer {
  readonly request: string
  readonly elapsedMs: number
  readonly status: number
  /** The receiver's own text. */
  readonly message: string
  /** What it says to have written, which a receiver of Remote-Write 2.0 does. */
  readonly written?: WrittenCounts
}

interface WrittenCounts {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

/** Statuses by which a receiver refuses data for good; 429 is a wish to be asked again. */
const refusals = Array.from({ length: 100 }, (_, index) => 400 + index).filter(status => status !== 429)

/**
 * Writes any bytes; every status that the receiver itself gives is an answer.
 * @param body as it goes over the wire: whoever wants a right one compresses it with `compressed`
 * @throws TransientError when nothing answered, or 429 or 5xx did; RequestError where something else answers there
 */
export async function writeRaw(
  { write, pushPath }: MetricStorePlace,
  body: Uint8Array,
  signal: AbortSignal,
  version: WriteVersion = '1.0',
): Promise<WriteAnswer> {
  const asked = { method: 'POST', path: pushPath, headers: headersOf[version], body, signal } as const
  const answer = await request(write, { ...asked, allowed: refusals })
  const text = answer.body.toString('utf8')
  if (isSomebodyElses(answer.status, text)) {
    const message = `${answer.request}: ${answer.status}, not from a receiver of remote write: ${excerpt(answer.body)}`
    throw new RequestError(`${message}; check the URL and its path`, { whose: 'environment' })
  }
  const written = writtenCounts(answer.headers)
  return {
    request: answer.request,
    elapsedMs: answer.elapsedMs,
    status: answer.status,
    message: redact(text),
    ...(written !== undefined && { written }),
  }
}

/** Remote-Write 2.0 specification, "Required Written Response Headers". Undefined where there is none of them. */
function writtenCounts(found: Readonly<Record<string, string>>): WrittenCounts | undefined {
  const [samples, histograms, exemplars] = ['samples', 'histograms', 'exemplars'].map(
    what => found[`x-prometheus-remote-write-${what}-written`],
  )
  if ([samples, histograms, exemplars].every(each => each === undefined)) return undefined
  return { samples: Number(samples ?? 0), histograms: Number(histograms ?? 0), exemplars: Number(exemplars ?? 0) }
}

/** In snappy's block format, which remote write asks for (and not its framed one). */
export async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return await compress(bytes)
}

/** The NaN that ends a series (Prometheus, model/value: StaleNaN). */
const staleMarker = { low: 2, high: 0x7ff00000 }
/** `Histogram.ResetHint` and the schema of custom buckets (prompb/types.proto; model/histogram: CustomBucketsSchema). */
const gaugeHint = 3
const customSchema = -53

/** `Metadata.MetricType` of a gauge (prompb/io/prometheus/write/v2/types.proto). */
const gaugeType = 2

function sampleMessage({ timestampMs, value, stale }: Sample): object {
  return { value: stale ? staleMarker : bitsOf(value), timestamp: timestampMs }
}

/** Without its labels, which each version writes in its own way. */
function exemplarMessage({ timestampMs, value }: Exemplar): object {
  return { value, timestamp: timestampMs }
}

/** A `prometheus.Histogram`: whole counts as differences to the bucket before, others as they are. */
function histogramMessage(histogram: NativeHistogram): object {
  const { timestampMs, kind, schema, sum, zeroThreshold, zeroCount, customBounds } = histogram
  const [positive, negative] = [spansOf(histogram.positive), spansOf(histogram.negative)]
  const common = {
    timestamp: timestampMs,
    sum,
    schema: schema === 'custom' ? customSchema : schema,
    zeroThreshold,
    customValues: customBounds,
    positiveSpans: positive.spans,
    negativeSpans: negative.spans,
  }
  const { count } = asSeen(histogram)
  if (kind === 'gauge') {
    return {
      ...common,
      countFloat: count,
      zeroCountFloat: zeroCount,
      positiveCounts: positive.counts,
      negativeCounts: negative.counts,
      resetHint: gaugeHint,
    }
  }
  return {
    ...common,
    countInt: count,
    zeroCountInt: zeroCount,
    positiveDeltas: differences(positive.counts),
    negativeDeltas: differences(negative.counts),
  }
}

function differences(counts: readonly number[]): number[] {
  return counts.map((count, index) => count - (counts[index - 1] ?? 0))
}

/** The 64 bits of a number in IEEE 754, in halves. */
function bitsOf(value: number): { low: number; high: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return { high: view.getInt32(0), low: view.getInt32(4) }
}
