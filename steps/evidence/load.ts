import { OtlpGrpcChannel } from '../../support/drivers/otlp-grpc.ts'
import { SpanLoad } from '../../support/drivers/otlp-load.ts'
import { withTenant } from '../../support/drivers/tempo.ts'
import { RequestError, TransientError } from '../../support/errors.ts'
import { steadily } from '../../support/eventually.ts'
import type { Run } from '../../support/run.ts'
import { tempoSystem } from '../../support/systems.ts'
import type { Mark } from '../../support/traces/simple-trace.ts'

const pushesPerSecond = 10
const spansPerTrace = 20

/** What a load came to. */
interface Load {
  readonly acknowledgedSpans: number
  readonly refusedPushes: number
  readonly seconds: number
}

export interface RunningLoad {
  /** What it came to, when it has ended; rejects where the sender itself is defective. */
  readonly result: Promise<Load>
  end(): void
}

/** Sends so many spans a second over one channel, until it is ended. The rate is a multiple of 200. */
export function startLoad(run: Run, mark: Mark, spansPerSecond: number): RunningLoad {
  const { otlpGrpc, tenant } = tempoSystem(run)
  const spans = spansPerSecond / pushesPerSecond
  const load = new SpanLoad({ ...mark, spans, spansPerTrace })
  const controller = new AbortController()
  const signal = AbortSignal.any([run.signal, controller.signal])
  const startedAt = performance.now()
  let endedAt: number | undefined
  let acknowledgedSpans = 0
  let refusedPushes = 0
  const result = (async () => {
    using channel = await OtlpGrpcChannel.open(withTenant(otlpGrpc, tenant))
    await steadily(1_000 / pushesPerSecond, signal, async () => {
      const { body } = await load.next()
      try {
        await channel.send(body, run.signal)
        acknowledgedSpans += spans
      } catch (error) {
        if (!(error instanceof TransientError || error instanceof RequestError)) throw error
        refusedPushes += 1
      }
    })
    return { acknowledgedSpans, refusedPushes, seconds: ((endedAt ?? performance.now()) - startedAt) / 1_000 }
  })()
  // A defect of the suite is told to whoever awaits the result, not as an error that nobody awaits.
  result.catch(() => undefined)
  return {
    result,
    end() {
      endedAt ??= performance.now()
      controller.abort()
    },
  }
}
