import { describeProgress, type LabProgress } from '../lab/progress.ts'

/** How often a build tells of itself where there is no terminal whose line can be written anew. Milliseconds. */
const interval = 10_000

/** Shows what the lab is doing: in a terminal as one line that changes, else as a line now and then. */
export class LabProgressPrinter implements Disposable {
  readonly #stream: NodeJS.WriteStream
  #last: LabProgress | undefined

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  print(event: LabProgress): void {
    if (this.#stream.isTTY)
      this.#stream.write(`\r\u001b[K${describeProgress(event).slice(0, this.#stream.columns - 1)}`)
    else if (this.#isNews(event)) this.#stream.write(`${describeProgress(event)}\n`)
    else return
    this.#last = event
  }

  /** Clears the line. */
  [Symbol.dispose](): void {
    if (this.#stream.isTTY && this.#last !== undefined) this.#stream.write('\r\u001b[K')
  }

  #isNews(event: LabProgress): boolean {
    const last = this.#last
    return last?.server !== event.server || last.stage !== event.stage || event.elapsedMs - last.elapsedMs >= interval
  }
}
