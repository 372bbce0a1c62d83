import { type FeatureFile, readFeatures } from '../gherkin/features.ts'
import { proofsOnRecord } from '../proofs/on-record.ts'
import { project } from '../proofs/scenario-texts.ts'
import { loadRegistry, type Registry } from '../requirements/registry.ts'
import { readLedger } from './ledger.ts'
import { type Matrix, matrixOf } from './matrix.ts'

/** Everything that is known of all requirements, with what it was read from. */
export interface Trace {
  readonly registry: Registry
  readonly features: readonly FeatureFile[]
  readonly matrix: Matrix
  /** Lines of the history that cannot be read and were left out: `reports/ledger.ndjson:12`. */
  readonly unreadable: readonly string[]
}

/**
 * Reads registry and features, and from the folder of reports what runs and proofs found.
 * @throws UsageError with all that is wrong with the registry or the features
 */
export function readTrace(reports: string, registry: Registry = loadRegistry()): Trace {
  const features = readFeatures(project)
  const ledger = readLedger(reports)
  const matrix = matrixOf(registry, features, ledger, proofsOnRecord(reports, registry))
  return { registry, features, matrix, unreadable: ledger.unreadable }
}
