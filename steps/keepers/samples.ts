import { tenantFor } from '../../support/drivers/mimir.ts'
import { sumOf } from '../../support/drivers/prometheus-text.ts'
import { mimirLog } from '../../support/expectations/mimir-log.ts'
import { exactlyTheseSeries } from '../../support/expectations/series.ts'
import { probeSeries } from '../../support/metrics/probe-series.ts'
import type { Series } from '../../support/metrics/series.ts'
import { learn } from '../../support/prepare.ts'
import { mimirOf, mimirSystem } from '../../support/systems.ts'
import { mimirConfiguration } from '../configurations.ts'
import { awaitSamplesStored } from '../metric-blocks.ts'
import { samplesOf, type Write, write } from '../writes.ts'
import type { Keeper } from './keeper.ts'

/** Counted by each part of Mimir that uses object storage (objstore of Thanos). */
const failedOperations = 'thanos_objstore_bucket_operation_failures_total'

/** Mimir, which keeps samples; a probe is one series of two samples. */
export const samples: Keeper<Write, Series[]> = {
  system: 'mimir',
  nameOf: ({ series }) => series[0]?.labels.__name__ ?? 'unknown',
  send: async (run, mark) => await write(run, mark, probeSeries({ ...mark, samples: 2 })),
  answers: (run, written) => ({ ask: samplesOf(run, written), expect: exactlyTheseSeries(written.series) }),
  awaitStored: async (run, written) => {
    await awaitSamplesStored(run, written)
  },
  // A write is in the write-ahead log when it is acknowledged.
  memoryOnlyMs: async () => 0,
  storage: {
    log: mimirLog,
    failedWrites: async (run, signal) => {
      const answer = await mimirOf(run).metrics(signal)
      return { ...answer, value: sumOf(answer.value, failedOperations, { component: 'ingester' }) }
    },
    provokeWrite: async (run, mark) => {
      const tenant = tenantFor(mimirSystem(run), mark)
      await learn(run, 'whether Mimir was told to flush', signal => mimirOf(run).flush(tenant, signal))
    },
    writtenAfterMs: async run => {
      const { headCompactionMs, shipMs } = await mimirConfiguration(run)
      return headCompactionMs + shipMs
    },
  },
}
