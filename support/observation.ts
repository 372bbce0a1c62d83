/** The attachment by which a scenario tells the report what it saw; the body is one `Observation` as JSON. */
export const observationMediaType = 'application/vnd.observability-acceptance.observation+json'

export const outcomes = ['satisfied', 'not applicable', 'undetermined', 'violated'] as const
export type Outcome = (typeof outcomes)[number]

/** Whose failure it is: the product broke its promise, the surroundings kept us from seeing, or the suite is wrong. */
export type Fault = 'product' | 'environment' | 'harness'

/** One awaited fact of one requirement, as it was decided. Times are milliseconds. */
export interface Observation {
  /** Id of the requirement. */
  readonly requirement: string
  /** The step that awaited the fact, in the words of the feature. */
  readonly fact: string
  readonly outcome: Outcome
  readonly fault: Fault | null
  /** After scaling; null where the requirement gives none. */
  readonly deadlineMs: number | null
  /** From the event that the deadline counts from until the fact was seen; null where it was not. */
  readonly timeToTrueMs: number | null
  /** How much earlier than seen it may have become true: the last poll interval. */
  readonly uncertaintyMs: number | null
  readonly attempts: number
  /** The request that was asked last. */
  readonly request?: string
  readonly first?: string
  readonly last?: string
  /** What a person should read when it is not satisfied; several lines. */
  readonly message?: string
  /** What is told but not judged, such as how many young traces a kill cost. */
  readonly notes?: readonly string[]
}
