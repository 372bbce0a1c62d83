/** By the clock that people read, and by one that is never set. */
export interface ScrapeTime {
  readonly wallTime: Date
  readonly monotonicMs: number
}

/** What a target answers to a scrape. */
export interface Exposition {
  readonly contentType: string
  readonly body: string
}

/** A target of the suite's own that a Prometheus scrapes, until it is disposed of. */
export interface ScrapeTarget extends AsyncDisposable {
  /** The label `instance` that its series get. */
  readonly instance: string
  /** When it was scraped for the first time; undefined where it was not yet. */
  firstScrape(signal: AbortSignal): Promise<ScrapeTime | undefined>
}
