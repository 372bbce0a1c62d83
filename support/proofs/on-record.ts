import { UsageError } from '../errors.ts'
import type { Registry } from '../requirements/registry.ts'
import { hashesOf } from './hash.ts'
import type { ProofState } from './proof.ts'
import { readProofs, statesOf } from './proofs-file.ts'
import { readScenarioTexts } from './scenario-texts.ts'

/** What the last `npm run prove` found, by requirement; undefined where nothing is on record in this folder. */
export function proofsOnRecord(
  directory: string,
  registry: Pick<Registry, 'byId'>,
): ReadonlyMap<string, ProofState> | undefined {
  const proofs = readProofs(directory)
  if (proofs === undefined) return undefined
  try {
    return statesOf(proofs, hashesOf(registry, readScenarioTexts()))
  } catch (error) {
    // Features that cannot be read are told by whoever runs them.
    if (error instanceof UsageError) return new Map()
    throw error
  }
}
