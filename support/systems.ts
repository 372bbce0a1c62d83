import { LabProcess } from './drivers/lab-process.ts'
import { Bucket } from './drivers/object-storage.ts'
import { StorageAdministration } from './drivers/storage-administration.ts'
import { Tempo } from './drivers/tempo.ts'
import { TempoBlocks } from './drivers/tempo-block.ts'
import type { Workload } from './drivers/workload.ts'
import { NotApplicable } from './errors.ts'
import type { Run } from './run.ts'
import type { ObjectStorage, TempoSystem } from './target/target.ts'

/**
 * The parts of the target as drivers, or `NotApplicable` where the target does not have them. A driver is made once for
 * a run and a thread, so that scenarios share its connections and what it has read already.
 */

export function tempoSystem(run: Run): TempoSystem {
  const { tempo } = run.target.systems
  if (tempo === undefined) throw new NotApplicable('the target has no tempo')
  return tempo
}

export function objectStorageOf(run: Run): ObjectStorage {
  const { s3 } = run.target
  if (s3 === undefined) throw new NotApplicable('the target file has no s3, so the bucket cannot be read')
  return s3
}

export const tempoOf = perRun(run => new Tempo(tempoSystem(run)))

export const bucketOf = perRun(run => new Bucket(objectStorageOf(run), tempoSystem(run).bucket))

export const blocksOf = perRun(run => new TempoBlocks(bucketOf(run), tempoSystem(run)))

export const administrationOf = perRun(run => new StorageAdministration(objectStorageOf(run)))

export const workloadOf = perRun((run): Workload => {
  const reference = tempoSystem(run).workload
  if (reference === undefined) throw new NotApplicable('the target names no workload of tempo')
  if (reference.kind !== 'LabProcess') {
    throw new NotApplicable(`a ${reference.kind} cannot be looked at yet, only processes of the lab`)
  }
  return new LabProcess(reference)
})

function perRun<Driver extends object>(make: (run: Run) => Driver): (run: Run) => Driver {
  const made = new WeakMap<Run, Driver>()
  return run => {
    const driver = made.get(run) ?? make(run)
    made.set(run, driver)
    return driver
  }
}
