/** What came back for one question, and the request that a reader can repeat to ask it again. */
export interface Answer<T> {
  /** For example `GET http://127.0.0.1:3200/api/traces/7c1f...`; never holds a secret. */
  readonly request: string
  readonly elapsedMs: number
  readonly value: T
}
