import { isDefect } from '../../support/errors.ts'
import { eventually, now } from '../../support/eventually.ts'
import type { Run } from '../../support/run.ts'
import { crossOut, recordChange, type UndoAction } from '../../support/undo/journal.ts'

/** For how long it is tried to put something back. */
const longestRepairMs = 10_000

/** A change of a system for some time. */
export interface Change {
  /** What puts it back, should this process not live to do it. */
  readonly undo: UndoAction
  make(signal: AbortSignal): Promise<unknown>
  putBack(signal: AbortSignal): Promise<unknown>
}

/**
 * Does something while a system is changed; the journal knows of the change before it happens. What goes wrong meanwhile
 * is not hidden by a failure to put it back: that one stands in the journal.
 */
export async function whileChanged<T>(run: Run, { undo, make, putBack }: Change, act: () => Promise<T>): Promise<T> {
  const change = recordChange(run.runId, run.target.file, undo)
  const repair = async () => {
    const ask = async (signal: AbortSignal) => {
      await putBack(signal)
      return { request: 'what was changed is put back', elapsedMs: 0, value: undefined }
    }
    // Not the run's signal: an interrupted run must put this right as well.
    const signal = AbortSignal.timeout(2 * longestRepairMs)
    await eventually({ ask, expect: () => undefined }, { deadlineMs: longestRepairMs, since: now(), signal })
    crossOut(run.runId, change)
  }
  let result: T
  try {
    await make(run.signal)
    result = await act()
  } catch (error) {
    await repair().catch((failure: unknown) => {
      if (isDefect(failure)) throw failure
    })
    throw error
  }
  await repair()
  return result
}
