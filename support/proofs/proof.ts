/** What is known of the proof of a requirement: its scenarios went red for its faults, and green without them. */
export type ProofState = 'proven' | 'unproven' | 'contradicted' | 'stale'

/**
 * What came of one fault and one requirement that it touches.
 *
 * - `noticed`: the requirement came out as the fault says, with the words that it says
 * - `missed`: the fault was there, and the requirement came out in another way
 * - `not injected`: the fault was not there after all, or the run could not be made; nothing is known
 * - `green`: left as it should be left, or just in time
 * - `false alarm`: not green, though the fault does not touch it
 */
export const pairOutcomes = ['noticed', 'missed', 'not injected', 'green', 'false alarm'] as const
export type PairOutcome = (typeof pairOutcomes)[number]

/** One pair as it was decided. */
export interface Pair {
  readonly fault: string
  readonly requirement: string
  readonly outcome: PairOutcome
  /** What the message showed, or why it is not as it should be. */
  readonly text: string
  /** How long the run of the fault took, in milliseconds. */
  readonly tookMs: number
  /** What it was at first, where it was looked at a second time, alone. */
  readonly first?: string
}
