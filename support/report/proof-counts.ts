import type { ProofState } from '../proofs/proof.ts'
import type { RunResult } from './result.ts'
import type { Style } from './style.ts'

const howTo = '(npm run prove)'
/** What is wrong comes first. */
const order: readonly ProofState[] = ['contradicted', 'stale', 'unproven']

/** One line on whether the scenarios of this run have been seen to go red: `proofs: 49 of 51 proven, 2 stale`. */
export function renderProofs({ requirements, proofsOnRecord }: RunResult, { colors }: Style): string {
  if (!proofsOnRecord) return `proofs: none on record ${howTo}`
  const states = requirements
    .filter(({ sameAs }) => sameAs === undefined)
    .map(({ proof }): ProofState => proof ?? 'unproven')
  const count = (state: ProofState) => states.filter(each => each === state).length
  const others = order.filter(state => count(state) > 0).map(state => `${count(state)} ${state}`)
  const text = [`proofs: ${count('proven')} of ${states.length} proven`, ...others].join(', ')
  if (others.length === 0) return text
  return count('contradicted') > 0 ? colors.red(`${text} ${howTo}`) : `${text} ${howTo}`
}
