import type { Run } from '../../support/run.ts'

/**
 * What a disruption showed, kept for the run: scenarios that ask about the same kind of disruption share one, since each
 * costs the users of a live system something. Scenarios that disrupt run one after the other, in one thread.
 */
export function onceInRun<Evidence>(gather: (run: Run) => Promise<Evidence>): (run: Run) => Promise<Evidence> {
  const gathered = new WeakMap<Run, Promise<Evidence>>()
  return run => {
    const evidence = gathered.get(run) ?? gather(run)
    gathered.set(run, evidence)
    return evidence
  }
}
