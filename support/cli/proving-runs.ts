import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pendingChanges } from '../undo/journal.ts'
import { type RunEnded, type RunOrder, runOnLab } from './prove-run.ts'

/** A run, and whether it has left something changed: one that was ended in its middle may have disabled an account. */
export interface ProvingRun extends RunEnded {
  readonly hasLeftovers: boolean
}

/** Runs one after the other; what each wrote is removed when it has been read. */
export class ProvingRuns implements Disposable {
  readonly #signal: AbortSignal
  readonly #folder = mkdtempSync(join(tmpdir(), 'observability-acceptance-prove-'))
  #count = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** @throws the signal's reason where that ended it */
  async run(order: Omit<RunOrder, 'folder' | 'signal'>): Promise<ProvingRun> {
    this.#count += 1
    const folder = join(this.#folder, String(this.#count))
    const ended = await runOnLab({ ...order, folder, signal: this.#signal })
    rmSync(folder, { recursive: true, force: true })
    return { ...ended, hasLeftovers: pendingChanges().some(({ runId }) => runId === ended.runId) }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
