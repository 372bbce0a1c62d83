import { sumOf } from '../../support/drivers/prometheus-text.ts'
import { tempoLog } from '../../support/expectations/tempo-log.ts'
import { wholeTrace } from '../../support/expectations/traces.ts'
import { learn } from '../../support/prepare.ts'
import type { Run } from '../../support/run.ts'
import { tempoOf } from '../../support/systems.ts'
import { simpleTrace } from '../../support/traces/simple-trace.ts'
import type { Trace } from '../../support/traces/trace.ts'
import { awaitStored } from '../blocks.ts'
import { type Push, push } from '../pushes.ts'
import type { Keeper } from './keeper.ts'

const failedFlushes = 'tempo_ingester_failed_flushes_total'

/** Tempo, which keeps traces. */
export const traces: Keeper<Push, Trace | undefined> = {
  system: 'tempo',
  nameOf: ({ trace }) => trace.traceId,
  send: async (run, mark) => await push(run, simpleTrace(mark), 'gRPC'),
  answers: (run, { trace }) => ({
    ask: signal => tempoOf(run).traceById(trace.traceId, signal),
    expect: wholeTrace(trace),
  }),
  answersFromMemory: (run, { trace }) => ({
    ask: signal => tempoOf(run).traceFromMemory(trace.traceId, signal),
    expect: wholeTrace(trace),
  }),
  answersFromStorage: (run, { trace }) => ({
    ask: signal => tempoOf(run).traceFromBlocks(trace.traceId, signal),
    expect: wholeTrace(trace),
  }),
  awaitStored: async (run, sent) => {
    await awaitStored(run, sent)
  },
  memoryOnlyMs: async run => {
    const { traceIdlePeriodMs, flushCheckPeriodMs } = await configurationOf(run)
    return traceIdlePeriodMs + flushCheckPeriodMs
  },
  storage: {
    log: tempoLog,
    failedWrites: async (run, signal) => {
      const answer = await tempoOf(run).metrics(signal)
      return { ...answer, value: sumOf(answer.value, failedFlushes) }
    },
    writtenAfterMs: async run => {
      const { maxBlockDurationMs, traceIdlePeriodMs } = await configurationOf(run)
      return maxBlockDurationMs + traceIdlePeriodMs
    },
  },
}

async function configurationOf(run: Run) {
  return await learn(run, "Tempo's configuration", signal => tempoOf(run).configuration(signal))
}
