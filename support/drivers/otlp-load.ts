import { randomFillSync } from 'node:crypto'
import { newTraceId } from '../traces/identity.ts'
import { type Mark, simpleTrace } from '../traces/simple-trace.ts'
import type { Trace } from '../traces/trace.ts'
import { encodeProtobuf } from './otlp-protobuf.ts'

export interface LoadOptions extends Mark {
  /** Spans of one push. */
  readonly spans: number
  /** Spans of each trace in it. */
  readonly spansPerTrace: number
}

/** One push of load: fresh traces, encoded as an ExportTraceServiceRequest in protobuf. */
export interface LoadBatch {
  readonly body: Uint8Array
  /** The traces in it, as they were sent. */
  traces(): Trace[]
}

/** Times older than this are made anew: they should be of just now. */
const templateMs = 5_000

/**
 * Makes pushes of many spans cheaply: a push is encoded once, and each further one is a copy with new trace ids. Span ids
 * may repeat, as they need to differ within their trace only.
 */
export class SpanLoad {
  readonly #options: LoadOptions
  #template:
    | { readonly traces: Trace[]; readonly body: Buffer; readonly places: number[][]; readonly madeAt: number }
    | undefined

  /** @throws RangeError where the spans are no whole number of traces */
  constructor(options: LoadOptions) {
    if (!(options.spans > 0) || options.spans % options.spansPerTrace !== 0) {
      throw new RangeError(`${options.spans} spans cannot be traces of ${options.spansPerTrace} spans`)
    }
    this.#options = options
  }

  async next(): Promise<LoadBatch> {
    if (this.#template === undefined || performance.now() - this.#template.madeAt > templateMs) {
      this.#template = await this.#make()
    }
    const { body, places, traces } = this.#template
    const copy = Buffer.from(body)
    const ids = places.map(places => {
      const id = Buffer.allocUnsafe(16)
      randomFillSync(id)
      for (const at of places) id.copy(copy, at)
      return id
    })
    return {
      body: copy,
      traces: () => traces.map((trace, index) => ({ ...trace, traceId: ids[index]?.toString('hex') ?? newTraceId() })),
    }
  }

  async #make() {
    const { spans, spansPerTrace, run, scenario } = this.#options
    const traces = Array.from({ length: spans / spansPerTrace }, () =>
      simpleTrace({ run, scenario, spans: spansPerTrace }),
    )
    const body = Buffer.from(await encodeProtobuf(...traces))
    return {
      traces,
      body,
      places: traces.map(({ traceId }) => placesOf(body, Buffer.from(traceId, 'hex'))),
      madeAt: performance.now(),
    }
  }
}

/** Where these 16 random bytes stand; by chance they stand nowhere else. */
function placesOf(body: Buffer, id: Buffer): number[] {
  const places: number[] = []
  for (let at = body.indexOf(id); at >= 0; at = body.indexOf(id, at + id.length)) places.push(at)
  return places
}
