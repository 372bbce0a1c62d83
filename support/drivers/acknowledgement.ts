/** A push that the receiver took whole. */
export interface Acknowledgement {
  /** `POST http://127.0.0.1:4318/v1/traces (HTTP JSON)`; never holds a secret. */
  readonly request: string
  readonly elapsedMs: number
  /** On the monotonic clock, `performance.now()`: the moment that deadlines are counted from. */
  readonly acknowledgedAt: number
}

/** Ends a push that began then. */
export function acknowledge(request: string, startedAt: number): Acknowledgement {
  const acknowledgedAt = performance.now()
  return { request, elapsedMs: acknowledgedAt - startedAt, acknowledgedAt }
}
